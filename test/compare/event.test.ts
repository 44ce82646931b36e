import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compareRuns } from '../../src/compare/index.ts';
import { alignLadders } from '../../src/compare/ladder.ts';
import type { LadderEntry } from '../../src/types/run.ts';
import { copy, damage, edit, RUN, scratchFolder, virtualResults } from './folders.ts';

let folder: string;
let a: string;
let copies = 0;

beforeAll(async () => {
  folder = await scratchFolder();
  a = await virtualResults(join(folder, 'a'));
});

type Change = (value: { [key: string]: unknown }) => unknown;

/** Other results, with run.json of run 1 and experiment.json changed. */
async function other(run: Change, experiment: Change = () => {}): Promise<string> {
  copies += 1;
  const results = await copy(a, join(folder, `b${copies}`));
  await edit(join(results, RUN, 'run.json'), run);
  await edit(join(results, 'experiment.json'), experiment);
  return results;
}

describe('the view', () => {
  const provenance =
    (more: object): Change =>
    (record) =>
      Object.assign(record.provenance as object, more);
  const cells =
    (change: Change): Change =>
    (record) =>
      void (record.cells as { [key: string]: unknown }[]).forEach(change);

  it.each<[string, Change, Change, string, string]>([
    [
      'nothing that matters',
      (run) => Object.assign(run, { qdiscDrops: { x: 1 } }),
      () => {},
      'bytes',
      'same experiment and seed, virtual clock',
    ],
    [
      'another host',
      (run) => Object.assign(run, { qdiscDrops: { x: 1 } }),
      provenance({ host: 'elsewhere' }),
      'bytes',
      'same experiment and seed, virtual clock',
    ],
    ['the seed', (run) => Object.assign(run, { seed: 7 }), () => {}, 'event', 'the seeds differ: 1 and 7'],
    ['the clock', (run) => Object.assign(run, { qdiscDrops: { x: 1 } }), provenance({ clock: 'real' }), 'event', 'B ran on the real clock'],
    [
      'the experiment',
      (run) => Object.assign(run, { qdiscDrops: { x: 1 } }),
      cells((cell) => Object.assign(cell, { duration: 9 })),
      'event',
      'the experiments differ',
    ],
  ])('%s differs', async (_, run, experiment, view, why) => {
    const { bytes, event, ...comparison } = await compareRuns(a, await other(run, experiment), { run: 1 });
    expect(comparison).toMatchObject({ identical: false, view, why });
    expect([bytes === null, event === null]).toEqual([view === 'event', view === 'bytes']);
  });

  it('of another cell is by the event', async () => {
    const b = await other(
      (run) => Object.assign(run, { cell: 'far' }),
      cells((cell) => Object.assign(cell, { cell: 'far' })),
    );
    expect(await compareRuns(a, b, { run: 1 })).toMatchObject({ view: 'event', why: 'the cells differ: all and far' });
  });

  it('of a run and a null run is by the event', async () => {
    const comparison = await compareRuns(join(a, RUN), join(a, 'cells/all/null-001'));
    expect(comparison).toMatchObject({ view: 'event', why: 'B is a null run, the other is not' });
    expect(comparison.b.zero.what).toBe('null event');
  });

  it('can be asked for', async () => {
    const b = await other((run) => Object.assign(run, { seed: 7 }));
    expect(await compareRuns(a, b, { run: 1, view: 'bytes' })).toMatchObject({ view: 'bytes', why: 'as asked for', event: null });
    const same = await other((run) => Object.assign(run, { error: null, more: 1 }));
    expect(await compareRuns(a, same, { run: 1, view: 'event' })).toMatchObject({ view: 'event', bytes: null });
  });

  it('of runs without an experiment is by octets, and names what else was not the same elsewhere', async () => {
    const b = await other((run) => Object.assign(run, { more: 1 }), provenance({ kernel: '6.12', tools: { iproute2: '6.1.0' } }));
    const { circumstances } = await compareRuns(a, b, { run: 1 });
    expect(circumstances).toEqual([
      { what: 'kernel', a: '6.1.0-28-amd64', b: '6.12' },
      { what: 'tcpdump', a: '4.99.3', b: null },
    ]);
    await rm(join(b, 'experiment.json'));
    expect(await compareRuns(a, b, { run: 1 })).toMatchObject({ view: 'bytes', why: 'nothing known speaks against equal octets' });
  });
});

describe('the alignment', () => {
  it('counts from each run’s own event', async () => {
    const b = await other((run) => Object.assign(run, { seed: 7 }));
    const events = join(b, RUN, 'events.jsonl');
    await damage(events, (octets) => Buffer.from(String(octets).replace('"confirmed":2000000000', '"confirmed":2003000000')));
    const { event, metrics, a: sideA, b: sideB } = await compareRuns(a, b, { run: 1 });
    expect([sideA.zero.t, sideB.zero.t]).toEqual([2e9, 2.003e9]);
    expect([sideA.numbers, sideB.numbers]).toEqual(['analysed again', 'analysed again']);
    expect(event!.ladder.map(({ kind }) => kind)).toEqual(['event', 'last-data', 'roam', 'first-data']);
    const roam = event!.ladder.find(({ kind }) => kind === 'roam')!;
    expect([roam.a!.dt, roam.b!.dt]).toEqual([0.105, 0.102]);
    expect(roam.difference).toBeCloseTo(-0.003, 12);
    expect(metrics!.find(({ metric }) => metric === 'T_STALLED.up')).toMatchObject({ difference: 0 });
  });

  it('counts packets per capture and kind', async () => {
    const { event } = await compareRuns(join(a, RUN), join(a, 'cells/all/null-001'));
    expect(event!.packets).toEqual([
      { capture: 'mn:eth0', kind: 'flows, in clear', a: 281, b: 300 },
      { capture: 'server:eth0', kind: 'flows, in clear', a: 281, b: 300 },
    ]);
  });

  it('of runs that cannot be analysed again is that of their facts', async () => {
    const [x, y] = [await copy(join(a, RUN), join(folder, 'x')), await copy(join(a, 'cells/all/null-001'), join(folder, 'y'))];
    const { event, metrics, b, notes } = await compareRuns(x, y, { view: 'event' });
    expect(b.numbers).toBe('stored');
    expect(event!.ladder.length).toBeGreaterThan(2);
    expect([event!.packets, metrics!.length > 0]).toEqual([null, true]);
    expect(notes).toContainEqual(expect.stringMatching(/^A: .*experiment\.json: the file is missing$/));
    await writeFile(join(y, 'facts.json'), '[');
    expect(await compareRuns(x, y, { view: 'event' })).toMatchObject({ event: null, metrics: null });
  });
});

describe('steps', () => {
  const step = (dt: number, kind: LadderEntry['kind'], label: string, from = 'mn', to = from): LadderEntry => ({
    t: dt * 1e9,
    dt,
    kind,
    label,
    from,
    to,
  });
  const aligned = (a: LadderEntry[], b: LadderEntry[]): unknown[] =>
    alignLadders(a, b).map((row) => [row.step, row.a?.dt ?? null, row.b?.dt ?? null, row.difference]);

  it('are the same whatever their numbers; the n-th of a kind goes with the n-th', () => {
    const probe = (dt: number, id: number): LadderEntry => step(dt, 'probe', `path probe request ${id}`, 'mn', 'sgw');
    expect(aligned([probe(1, 2), probe(2, 3)], [probe(1.5, 4), probe(2.5, 5), probe(3, 6)])).toEqual([
      ['path probe request', 1, 1.5, 0.5],
      ['path probe request', 2, 2.5, 0.5],
      ['path probe request', null, 3, null],
    ]);
    expect(aligned([step(1, 'first-data', 'first up packet, 12')], [step(1, 'first-data', 'first up packet, 14')])).toEqual([
      ['first up packet', 1, 1, 0],
    ]);
    expect(
      aligned([step(1, 'sa-change', 'home{1} INSTALLED => UPDATING')], [step(2, 'sa-change', 'home{3} INSTALLED => UPDATING')]),
    ).toEqual([['home INSTALLED => UPDATING', 1, 2, 1]]);
  });

  it('of another node, direction or kind are other steps', () => {
    const probe = step(1, 'probe', 'path probe request 2', 'mn', 'sgw');
    for (const b of [
      step(1, 'probe', probe.label, 'sgw', 'mn'),
      step(1, 'ike', probe.label, 'mn', 'sgw'),
      step(1, 'probe', `${probe.label} (copy 2)`, 'mn', 'sgw'),
    ]) {
      expect(alignLadders([probe], [b]).map(({ difference }) => difference)).toEqual([null, null]);
    }
  });

  it('that changed places are still two pairs', () => {
    const [x, y] = [(dt: number) => step(dt, 'log', 'x'), (dt: number) => step(dt, 'log', 'y')];
    expect(aligned([x(1), y(2)], [y(1), x(3)])).toEqual([
      ['x', 1, 3, 2],
      ['y', 2, 1, -1],
    ]);
  });

  it('the event is the event, whatever it was', () => {
    expect(aligned([step(0, 'event', 'admin-down eth0 (t0)')], [step(0, 'event', 'readdress eth0 (t0)')])).toEqual([
      ['admin-down eth0 (t0) / readdress eth0 (t0)', 0, 0, 0],
    ]);
  });
});
