/** What an interrupted invocation left: found again, kept apart from what a living one works on, and completed. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claim, isClaimed } from '../../src/experiment/claim.ts';
import { finishedRuns, runsLeft } from '../../src/experiment/finished.ts';
import { plannedRuns, ResultsFolder } from '../../src/experiment/folder.ts';
import { newestUnfinished, requireUnfinished } from '../../src/experiment/resume.ts';
import { ownerMark } from '../../src/host/owner.ts';
import { type LoadedExperiment, loadExperiment } from '../../src/spec/index.ts';
import type { RunFacts } from '../../src/types/run.ts';
import { cell } from '../metrics/build.ts';
import { experiment } from '../report/build.ts';
import { CLEAR, writeResults } from '../report/results-folder.ts';

const { record } = experiment();
const loaded: LoadedExperiment = await loadExperiment('topologies/e2e/mobike-mobility.yaml');
const { name, cells } = loaded;
let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'roamlab-resume-'));
});
afterEach(() => rmSync(base, { recursive: true }));

/** A results folder as an invocation leaves it that was interrupted after `done` of its runs. */
function interrupted(
  id: string,
  { done = 3, runs = 4, seed = 1, started = `2026-01-01T00:00:0${id}.000Z`, of = cells, reported = true } = {},
): string {
  const path = join(base, name, id);
  const planned = plannedRuns(of, runs, seed);
  new ResultsFolder(path).begin({ ...loaded, cells: of }, { ...record, cells: of, id, runs, seed, started }, planned);
  for (const { folder } of planned.slice(0, done)) {
    mkdirSync(join(path, folder), { recursive: true });
    writeFileSync(join(path, folder, 'run.json'), '{}');
  }
  if (reported) writeFileSync(join(path, 'summary.json'), '{}'); // as analyze leaves it, too
  return path;
}
const find = (wanted: object = {}) => newestUnfinished(base, { name, cells, seed: 1, ...wanted });
const all = plannedRuns(cells, 4, 1).length;

describe('the newest unfinished results', () => {
  test('are those started last, whatever the folders are called', async () => {
    interrupted('9', { started: '2026-01-01T00:00:00.000Z' });
    const newest = interrupted('1', { started: '2026-02-01T00:00:00.000Z' });
    interrupted('5', { started: '2025-12-01T00:00:00.000Z' });
    expect(await find()).toEqual({ path: newest, runs: 4 });
  });

  test('lack runs: of those asked for then, or of those asked for now', async () => {
    const older = interrupted('1');
    const complete = interrupted('2', { done: all });
    expect(await find()).toEqual({ path: older, runs: 4 });
    expect(await find({ runs: 5 })).toEqual({ path: complete, runs: 5 });
    expect(await find({ runs: 1 })).toEqual({ path: older, runs: 1 });
  });

  test('or lack the report', async () => {
    const path = interrupted('1', { done: all, reported: false });
    expect(await find()).toEqual({ path, runs: 4 });
  });

  test('are of the same resolved cells and seed', async () => {
    const mine = interrupted('1');
    interrupted('2', { seed: 2 });
    interrupted('3', { of: [{ ...cells[0]!, duration: 99 }] });
    interrupted('4', { of: cells.toReversed() });
    expect(await find()).toMatchObject({ path: mine });
    expect(await find({ seed: 2 })).toMatchObject({ path: join(base, name, '2') });
    expect(await find({ seed: 3 })).toBeNull();
  });

  test('are no file, no folder of something else, and none that cannot be read', async () => {
    const mine = interrupted('1');
    writeFileSync(join(base, name, 'notes.txt'), '');
    mkdirSync(join(base, name, 'empty'));
    for (const [id, text] of Object.entries({ broken: '{', other: '{"format": 9}', list: '[]' })) {
      const folder = interrupted(id, { started: '2027-01-01T00:00:00.000Z' });
      writeFileSync(join(folder, 'experiment.json'), text);
    }
    await execa('mkfifo', [join(base, name, 'empty/experiment.json')]);
    expect(await find()).toEqual({ path: mine, runs: 4 });
  });

  test('are not there where nothing was ever run; who insists is told where was looked', async () => {
    expect(await find()).toBeNull();
    await expect(requireUnfinished(base, { name, cells, seed: 1 })).rejects.toMatchObject({
      code: 'E_RESUME',
      exit: 2,
      where: join(base, name),
      hint: expect.stringContaining('--resume'),
    });
  });

  test('are not those another roamlab is at work on', async () => {
    const older = interrupted('1');
    const release = claim(interrupted('2'));
    expect(await find()).toMatchObject({ path: older });
    release();
    expect(await find()).toMatchObject({ path: join(base, name, '2') });
  });
});

describe('a claim', () => {
  test('keeps others out until it is given back', () => {
    const release = claim(base);
    expect(isClaimed(base)).toBe(true);
    expect(() => claim(base)).toThrow(expect.objectContaining({ code: 'E_OUT_BUSY', exit: 2, where: base }));
    expect(readFileSync(join(base, '.owner'), 'utf8')).toBe(ownerMark());
    release();
    expect([isClaimed(base), existsSync(join(base, '.owner'))]).toEqual([false, false]);
    claim(base)();
  });

  test('dies with its process, and is never one that makes no sense', async () => {
    const { stdout: dead } = await execa(process.execPath, [
      '--input-type=module',
      '-e',
      `import { ownerMark } from '${join(import.meta.dirname, '../../src/host/owner.ts')}'; console.log(ownerMark());`,
    ]);
    expect(dead).toMatch(/^\d+:\d+$/);
    for (const mark of [dead, '', 'x', ':', '1', '-1:5', '../../etc:']) {
      writeFileSync(join(base, '.owner'), mark);
      expect([mark, isClaimed(base)]).toEqual([mark, false]);
      claim(base)();
    }
  });
});

describe('finished runs', () => {
  test('come with their facts, those without with none; what is not planned is passed over', async () => {
    await writeResults(base);
    const folder = new ResultsFolder(base);
    const planned = plannedRuns([CLEAR], 3, record.seed).filter(({ run }) => run !== 1);
    mkdirSync(join(base, 'cells/all/run-003'));
    writeFileSync(join(base, 'cells/all/run-003/run.json'), '{');
    const finished = await finishedRuns(folder, planned, folder.existing()!);
    expect(finished.map(({ run, facts }) => [run.folder, facts?.run ?? null])).toEqual([
      ['cells/all/run-002', 2],
      ['cells/all/run-003', null],
    ]);
    expect(finished[0]!.facts!.metrics['T_STALLED.up']).toBeGreaterThan(0.1);
  });

  test('are not repeated; and where an interval decides, nothing beyond the run it stopped at', () => {
    const planned = plannedRuns([cell({ cell: 'a', measure: ['T_SYS'] }), cell({ cell: 'b', measure: ['T_SYS'] })], 10, 1);
    const facts = { valid: true, metrics: { T_SYS: 0.1 } } as unknown as RunFacts;
    const finished = planned.filter(({ cell: { cell: of }, run, nullEvent }) => !nullEvent && (of === 'a' ? run <= 8 : run <= 5));
    const left = (untilCi?: number) =>
      runsLeft(
        planned,
        finished.map((run) => ({ run, facts })),
        { seed: 1, untilCi },
      ).map(({ folder }) => folder.replace('cells/', ''));
    const ofB = ['b/run-006', 'b/run-007', 'b/run-008', 'b/run-009', 'b/run-010'];
    expect(left(0.05)).toEqual(['a/null-001', 'b/null-001', ...ofB]); // a stops at run 7
    expect(left()).toEqual([
      ...['a/null-001', 'b/null-001'],
      ...['b/run-006', 'b/run-007', 'b/run-008', 'a/run-009', 'b/run-009', 'a/run-010', 'b/run-010'],
    ]);
  });

  test('are enough when every cell’s intervals are narrow, although fewer than planned', async () => {
    const path = join(base, name, '1');
    const stalled = [{ ...CLEAR, measure: ['T_STALLED' as const] }];
    await writeResults(path);
    writeFileSync(join(path, 'summary.json'), '{}');
    writeFileSync(join(path, 'experiment.json'), JSON.stringify({ ...record, runs: 9, seed: 1, cells: stalled }));
    const copyOf = (from: string, number: number) => {
      const folder = join(path, `cells/all/run-00${number}`);
      cpSync(join(path, from), folder, { recursive: true });
      const run = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
      writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...run, run: number }));
    };
    const narrow = () => find({ cells: stalled, untilCi: 0.05 });
    for (const number of [3, 4, 5, 6]) copyOf('cells/all/run-001', number);
    expect(await narrow()).toEqual({ path, runs: 9 });
    copyOf('cells/all/run-001', 7);
    expect(await narrow()).toBeNull();
    expect(await find({ cells: stalled })).toEqual({ path, runs: 9 });
  });
});
