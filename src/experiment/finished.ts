/** What earlier invocations left in a results folder. */
import { join } from 'node:path';
import { analyzeRun } from '../report/index.ts';
import type { ExperimentRecord } from '../types/run.ts';
import type { PlannedRun, ResultsFolder } from './folder.ts';
import { type FinishedRun, Stopping } from './stopping.ts';

/** The planned runs that are on disk, analysed anew: their facts may be another version's. About 0.1 s each. */
export async function finishedRuns(
  results: ResultsFolder,
  planned: readonly PlannedRun[],
  record: ExperimentRecord,
): Promise<FinishedRun[]> {
  const finished: FinishedRun[] = [];
  for (const run of planned) {
    if (!results.finished(run)) continue;
    finished.push({ run, facts: await analyzeRun(join(results.path, run.folder), record).catch(() => null) });
  }
  return finished;
}

/** The planned runs that are neither finished nor beyond the last one their cell needs. `untilCi` is a fraction, `seed` the experiment's. */
export function runsLeft(
  planned: readonly PlannedRun[],
  finished: readonly FinishedRun[],
  how: { seed: number; untilCi?: number | undefined },
): PlannedRun[] {
  const there = new Set(finished.map(({ run }) => run));
  const stopping = new Stopping(planned, finished, how);
  return planned.filter((run) => !there.has(run) && !stopping.tooMany(run));
}
