import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Arrival } from '../../src/experiment/arrival.ts';
import { type PlannedRun, ResultsFolder } from '../../src/experiment/folder.ts';
import { recordLost } from '../../src/experiment/lost-run.ts';
import { RunQueue } from '../../src/experiment/queue.ts';
import { Stopping } from '../../src/experiment/stopping.ts';
import { RoamlabError } from '../../src/types/errors.ts';
import type { RunFacts } from '../../src/types/run.ts';

const planned = (cell: string, run: number, nullEvent = false) =>
  ({
    ...{ cell: { cell, measure: ['T_SYS'], timeline: [] }, run, nullEvent, seed: run },
    folder: `cells/${cell}/${nullEvent ? 'null' : 'run'}-00${run}`,
  }) as unknown as PlannedRun;
const runs = [planned('a', 1), planned('b', 1), planned('a', 2), planned('b', 2)];

describe('the queue', () => {
  test('gives each run once, in order', () => {
    const queue = new RunQueue(runs);
    expect([queue.next(), queue.next(), queue.next(), queue.next(), queue.next()]).toEqual([...runs, null]);
  });

  test('forgets a cell that has had enough, and a run that was taken', () => {
    const queue = new RunQueue(runs);
    expect(queue.stop('a')).toBe(2);
    expect(queue.take(runs[1]!)).toBe(true);
    expect(queue.take(runs[1]!)).toBe(false);
    expect(queue.left).toEqual([runs[3]]);
  });

  test('in batches: so many cells are done before others begin, in the order they came in', () => {
    const queue = new RunQueue(['a', 'b', 'c'].flatMap((cell) => [planned(cell, 1), planned(cell, 2)]).sort((x, y) => x.run - y.run));
    const order = () => queue.left.map(({ cell, run }) => `${cell.cell}${run}`).join(' ');
    expect(order()).toBe('a1 b1 c1 a2 b2 c2');
    queue.inBatches(3);
    expect(order()).toBe('a1 b1 c1 a2 b2 c2');
    queue.inBatches(2);
    expect(order()).toBe('a1 b1 a2 b2 c1 c2');
  });
});

describe('stopping', () => {
  const many = Array.from({ length: 20 }, (_, i) => planned('a', i + 1));
  const facts = (run: PlannedRun, value: number) =>
    ({ cell: 'a', run: run.run, nullEvent: false, valid: true, metrics: { T_SYS: value } }) as unknown as RunFacts;

  test('runs that agree are enough after seven; what guests did beyond is too many', () => {
    const stopping = new Stopping(many, [], { seed: 1, untilCi: 0.05 });
    const said = many.slice(0, 9).map((run) => stopping.finished(run, facts(run, 0.1 + run.run * 1e-6)));
    expect(said.indexOf(true)).toBe(6);
    expect(stopping.stops).toEqual({ a: 7 });
    expect(many.filter((run) => stopping.tooMany(run)).map(({ run }) => run)).toEqual(many.slice(7).map(({ run }) => run));
    expect(stopping.tooMany(planned('a', 1, true))).toBe(false);
  });

  test('without a tolerance there is no end', () => {
    const stopping = new Stopping(many, [], { seed: 1 });
    for (const run of many) expect(stopping.finished(run, facts(run, 0.1))).toBe(false);
    expect([stopping.stops, many.some((run) => stopping.tooMany(run))]).toEqual([{}, false]);
  });
});

describe('a run folder that arrives', () => {
  const folder = mkdtempSync(join(tmpdir(), 'roamlab-arrival-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('has its name when it is whole, and not before', () => {
    const results = new ResultsFolder(join(folder, 'whole'));
    const arrival = new Arrival(results, runs[0]!);
    arrival.file('pcap/x.pcap', 0o644, Buffer.from('x'));
    arrival.file('run.json', 0o644, Buffer.from('{}'));
    expect(results.finished(runs[0]!)).toBe(false);
    arrival.complete();
    expect(results.finished(runs[0]!)).toBe(true);
    expect(readdirSync(join(results.path, runs[0]!.folder)).sort()).toEqual(['pcap', 'run.json']);
    results.sweep();
    expect(readdirSync(results.path)).toEqual(['cells']);
  });

  test('replaces what an earlier one left, aside and in its place', () => {
    const results = new ResultsFolder(join(folder, 'again'));
    new Arrival(results, runs[0]!).file('old', 0o644, Buffer.from('x'));
    const arrival = new Arrival(results, runs[0]!);
    arrival.file('run.json', 0o644, Buffer.from('{}'));
    arrival.complete();
    expect(readdirSync(join(results.path, runs[0]!.folder))).toEqual(['run.json']);
  });

  test('a guest’s end is one run’s failure; an abort, a machine that cannot, a bug are not', () => {
    const results = new ResultsFolder(join(folder, 'lost'));
    const signal = new AbortController().signal;
    recordLost(results, runs[0]!, new RoamlabError('E_GUEST', 1, 'the guest ran out of memory'), signal);
    const record = JSON.parse(readFileSync(join(results.path, runs[0]!.folder, 'run.json'), 'utf8')) as { error: string };
    expect(record.error).toBe('the guest ran out of memory [E_GUEST]');
    for (const error of [new RoamlabError('E_TOOLS_MISSING', 3, 'no QEMU'), new TypeError('bug')]) {
      expect(() => recordLost(results, runs[1]!, error, signal)).toThrow(error);
    }
    expect(() => recordLost(results, runs[1]!, new RoamlabError('E_GUEST', 1, 'x'), AbortSignal.abort())).toThrow('x');
  });
});
