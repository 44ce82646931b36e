import { appendFile, cp, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseCharonLog } from '../../src/report/folder/charon-log.ts';
import { inside } from '../../src/report/folder/read.ts';
import { analyzeExperiment, analyzeRun } from '../../src/report/index.ts';
import type { RoamlabError } from '../../src/types/errors.ts';
import type { RunFacts } from '../../src/types/run.ts';
import { EPOCH } from '../metrics/build.ts';
import { writeResults } from './results-folder.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roamlab-results-'));
  await writeResults(folder);
});
afterEach(() => rm(folder, { recursive: true }));

async function change(path: string, values: object): Promise<void> {
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...values }));
}

const first = () => join(folder, 'cells/all/run-001');

describe('a results folder', () => {
  it('becomes facts, a summary and a page', async () => {
    const seen: string[] = [];
    const summary = await analyzeExperiment(folder, {
      onProgress: (done, total, name, facts) => void seen.push(`${done}/${total} ${name} ${facts.valid}`),
    });
    expect(seen).toEqual(['1/3 cells/all/run-001 true', '2/3 cells/all/run-002 true', '3/3 cells/all/null-001 true']);
    const [cell] = summary.cells;
    expect(cell).toMatchObject({ runs: 2, valid: 2, invalid: [], nullRuns: 1, nullQuiet: true });
    const stall = cell!.metrics.find(({ metric }) => metric === 'T_STALLED.up')!;
    expect(stall.values).toEqual([0.2, 0.2]);
    expect(stall.floor).toBeCloseTo(0.01, 9);
    expect(JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8'))).toEqual(summary);
    const facts: RunFacts = JSON.parse(await readFile(join(first(), 'facts.json'), 'utf8'));
    expect(facts.flows.up).toMatchObject({ sent: 300, received: 281, lost: 19, stalled: 0.2, oneWayDelay: 0.001 });
    expect(facts.ladder.map(({ kind }) => kind)).toEqual(['event', 'last-data', 'roam', 'first-data']);
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('href="./cells/all/run-001/pcap/mn-eth0.pcap"');
  });

  it('gives the same bytes again', async () => {
    await analyzeExperiment(folder);
    const before = await readFile(join(folder, 'report.html'), 'utf8');
    await analyzeExperiment(folder);
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toBe(before);
  });
});

describe('one bad run', () => {
  /** Reasons the first run is invalid for, after checking that the second is not. */
  async function reasons(): Promise<string> {
    const { cells } = await analyzeExperiment(folder);
    expect(cells[0]).toMatchObject({ runs: 2, valid: 1 });
    expect(cells[0]!.invalid.map(({ run }) => run)).toEqual([1]);
    return cells[0]!.invalid[0]!.reasons.join('; ');
  }

  it('without one of its captures', async () => {
    await rm(join(first(), 'pcap/server-eth0.pcap'));
    expect(await reasons()).toMatch(/^complete: pcap\/server-eth0\.pcap: .*\[E_PCAP_READ\]$/);
  });

  it('without run.json', async () => {
    await rm(join(first(), 'run.json'));
    expect(await reasons()).toBe('complete: run.json: the file is missing [E_FOLDER_READ]');
  });

  it('with a run.json of the wrong shape', async () => {
    await writeFile(join(first(), 'run.json'), '{"cell": 7}');
    expect(await reasons()).toMatch(/^complete: run\.json: cell: .*\[E_FOLDER_FORMAT\]$/);
  });

  it('with half a line in a log of ours', async () => {
    await appendFile(join(first(), 'flows/up.jsonl'), '[300, 1');
    expect(await reasons()).toMatch(/^complete: flows\/up\.jsonl:282: not JSON: .*\[E_FOLDER_FORMAT\]$/);
  });

  it('with a capture that leads out of its folder', async () => {
    const path = join(first(), 'run.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('pcap/mn-eth0.pcap', '../../../../../etc/passwd'));
    expect(await reasons()).toContain('the name leads out of the folder: "../../../../../etc/passwd" [E_FOLDER_ESCAPE]');
  });

  it('with a capture cut short', async () => {
    const path = join(first(), 'pcap/server-eth0.pcap');
    await truncate(path, (await readFile(path)).length - 10);
    expect(await reasons()).toContain('capture-drops: server:eth0 server-eth0.pcap is cut short');
  });

  it('that is not there at all', async () => {
    await rm(first(), { recursive: true });
    expect(await reasons()).toBe('complete: the run left no facts');
  });

  const file = { node: 'mn', interface: 'eth0', file: 'pcap/mn-eth0.pcap', captured: 1, dropped: 0 };
  it.each([
    [
      'more captures than memory',
      { captures: Array.from({ length: 1001 }, (_, i) => ({ ...file, file: `pcap/${i}.pcap` })) },
      'captures: ',
    ],
    ['one capture twice', { captures: [file, { ...file, file: 'pcap/./mn-eth0.pcap' }] }, 'captures: two captures share a file'],
    ['too many interfaces', { interfaces: new Array(1001).fill({ node: 'a', interface: 'b', mac: 'c', addresses: [] }) }, 'interfaces: '],
  ])('with %s in its record', async (_, claim, why) => {
    await change(join(first(), 'run.json'), claim);
    expect(await reasons()).toMatch(new RegExp(`^complete: run\\.json: ${why}.*\\[E_FOLDER_FORMAT\\]$`));
  });

  it('with more events than a run can have', async () => {
    const path = join(first(), 'events.jsonl');
    await writeFile(path, (await readFile(path, 'utf8')).repeat(10_001));
    expect(await reasons()).toBe('complete: events.jsonl: more than 10000 lines [E_FOLDER_FORMAT]');
  });

  it.each(['run.json', 'events.jsonl', 'flows/up.jsonl', 'pcap/mn-eth0.pcap'])('with a device or pipe for %s', async (name) => {
    await rm(join(first(), name));
    await symlink('/dev/zero', join(first(), name));
    expect(await reasons()).toBe(`complete: ${name}: this is not a regular file [E_FOLDER_READ]`);
  });

  it('that failed says what failed, not that its captures are empty', async () => {
    await writeFile(join(first(), 'pcap/mn-eth0.pcap'), '');
    await change(join(first(), 'run.json'), { error: 'charon did not start on mn' });
    expect(await reasons()).toMatch(/^complete: charon did not start on mn \(and pcap\/mn-eth0\.pcap: .*\[E_PCAP_\w+\]\)$/);
  });

  it.each([
    ['number', { run: 2 }, 'cells/all/run-002'],
    ['kind', { nullEvent: true }, 'cells/all/null-001'],
  ])('whose record has the %s of another', async (_, claim, place) => {
    await change(join(first(), 'run.json'), claim);
    expect(await reasons()).toBe(`complete: run.json: the record is of another folder, ${place} [E_FOLDER_PLACE]`);
  });

  it('copied under another number does not count twice', async () => {
    await cp(join(folder, 'cells/all/run-002'), join(folder, 'cells/all/run-2'), { recursive: true });
    const { cells } = await analyzeExperiment(folder);
    expect(cells[0]).toMatchObject({ valid: 2, invalid: [{ run: 2 }] });
  });
});

describe('what the machine did', () => {
  const quiet = { from: 0, to: 5e9, late: 0.0001, waited: 0, steal: 0 };
  const record = {
    ...{ format: 1, epoch: EPOCH, clockAhead: 0, duration: 5, cpus: 2, steal: 0, waited: 0, own: 1, others: 0, load: 0 },
    pressure: { cpu: 0, io: null, memory: null },
    windows: [quiet],
  };
  const put = (value: unknown) => writeFile(join(first(), 'host.json'), JSON.stringify(value));

  it('marks the run, which counts nevertheless, and the cell', async () => {
    expect((await analyzeExperiment(folder)).cells[0]).toMatchObject({ disturbed: [], noise: null });
    await put(record);
    expect((await analyzeExperiment(folder)).cells[0]).toMatchObject({ disturbed: [], noise: { verdict: 'ok' } });
    await put({ ...record, windows: [{ ...quiet, late: 0.05 }] });
    const { cells } = await analyzeExperiment(folder);
    expect(cells[0]).toMatchObject({ valid: 2, invalid: [], disturbed: [1], noise: { verdict: 'too noisy' } });
    const facts: RunFacts = JSON.parse(await readFile(join(first(), 'facts.json'), 'utf8'));
    expect(facts.gates.at(-1)).toMatchObject({ name: 'host', detail: expect.stringContaining('a timer fired late (50 ms)') });
  });

  it('is not asked for with the virtual clock', async () => {
    await put({ ...record, windows: [{ ...quiet, late: 0.05 }] });
    const { provenance } = JSON.parse(await readFile(join(folder, 'experiment.json'), 'utf8'));
    await change(join(folder, 'experiment.json'), { provenance: { ...provenance, clock: 'virtual' } });
    expect((await analyzeExperiment(folder)).cells[0]).toMatchObject({ valid: 2, disturbed: [], noise: null });
    expect((await analyzeRun(first())).gates.map(({ name }) => name)).not.toContain('host');
  });

  it.each([
    ['another format', { ...record, format: 2 }, 'format: '],
    ['a text for a time', { ...record, windows: [{ ...quiet, late: 'soon' }] }, 'windows.0.late: '],
    ['too many windows', { ...record, windows: new Array(1_000_001).fill(0) }, 'windows'],
    ['no windows', { ...record, windows: undefined }, 'windows: '],
  ])('a record with %s makes the run invalid', async (_, value, why) => {
    await put(value);
    const { cells } = await analyzeExperiment(folder);
    expect(cells[0]!.invalid).toEqual([
      { run: 1, reasons: [expect.stringMatching(new RegExp(`^complete: host\\.json: ${why}.*\\[E_FOLDER_FORMAT\\]$`))] },
    ]);
  });
});

describe('a cell experiment.json does not have', () => {
  it('is listed with its runs, and the others keep their numbers', async () => {
    await cp(join(folder, 'cells/all'), join(folder, 'cells/other'), { recursive: true });
    await change(join(folder, 'cells/other/run-002/run.json'), { cell: 'other' });
    const { cells } = await analyzeExperiment(folder);
    expect(cells.map(({ cell, runs, valid, nullRuns }) => [cell, runs, valid, nullRuns])).toEqual([
      ['all', 2, 2, 1],
      ['other', 2, 0, 1],
    ]);
    const stranger = 'complete: experiment.json has no cell of this folder; complete: run.json: ';
    expect(cells[1]!.invalid.map(({ run, reasons }) => [run, reasons.join('; ')])).toEqual([
      [1, `${stranger}the record is of another folder, cells/all/run-001 [E_FOLDER_PLACE]`],
      [2, `${stranger}the experiment has no cell "other" [E_FOLDER_CELL]`],
      [1, expect.stringMatching(/^null run: .*E_FOLDER_PLACE\]$/)],
    ]);
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('cells/other/run-002');
  });

  it('even when it was the only one', async () => {
    await change(join(folder, 'experiment.json'), { cells: [] });
    const { cells } = await analyzeExperiment(folder);
    expect(cells).toMatchObject([{ cell: 'all', runs: 2, valid: 0, invalid: [{ run: 1 }, { run: 2 }, { run: 1 }] }]);
  });
});

it('one run alone is analysed with the experiment three levels up', async () => {
  expect((await analyzeRun(first())).metrics['T_STALLED.up']).toBe(0.2);
});

it('an experiment.json that is none says so', async () => {
  await writeFile(join(folder, 'experiment.json'), '[]');
  const error: RoamlabError = await analyzeExperiment(folder).then(
    () => expect.unreachable(),
    (caught) => caught,
  );
  expect(error.code).toBe('E_FOLDER_FORMAT');
  expect(error.where).toBe(join(folder, 'experiment.json'));
});

it('an experiment.json that asks for more runs than a summary can list is refused', async () => {
  const { cells } = JSON.parse(await readFile(join(folder, 'experiment.json'), 'utf8'));
  await change(join(folder, 'experiment.json'), { runs: 100_000, cells: new Array(11).fill(cells[0]) });
  await expect(analyzeExperiment(folder)).rejects.toMatchObject({
    code: 'E_FOLDER_FORMAT',
    message: 'runs: more than 1000000 runs in all',
  });
});

it('charon writes microseconds, milliseconds, and lines without a time', () => {
  const text = '1764032000.123456 07[IKE] one\r\n1764032001.5 two\nrest of two\n\n1764032002.001 03[KNL] three\n17640';
  expect(parseCharonLog(text, 1_764_032_000)).toEqual([
    { t: 123_456_000, text: '07[IKE] one' },
    { t: 1_500_000_000, text: 'two' },
    { t: 2_001_000_000, text: '03[KNL] three' },
  ]);
});

it('names stay inside their folder', () => {
  expect(inside('/a/b', 'c/d')).toBe('/a/b/c/d');
  for (const name of ['..', '../x', '/etc/passwd', 'c/../../x', '.', 'a\0b']) expect(() => inside('/a/b', name)).toThrow('leads out');
});
