/** What earlier invocations left in a results folder. */
import { join } from 'node:path';
import { analyzeRun } from '../report/index.ts';
import type { ExperimentRecord, RunFacts } from '../types/run.ts';
import type { PlannedRun, ResultsFolder } from './folder.ts';
import { StoppingRule } from './until.ts';

export interface FinishedRun {
  run: PlannedRun;
  /** null: it left nothing that can be analysed */
  facts: RunFacts | null;
}

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
  { seed, untilCi }: { seed: number; untilCi?: number | undefined },
): PlannedRun[] {
  const there = new Set(finished.map(({ run }) => run));
  const left = planned.filter((run) => !there.has(run));
  if (untilCi === undefined) return left;
  const rules = new Map(planned.map(({ cell }) => [cell.cell, new StoppingRule(cell, seed, untilCi)]));
  for (const { run, facts } of finished) if (!run.nullEvent) rules.get(run.cell.cell)!.add(run.run, facts);
  return left.filter((run) => run.nullEvent || run.run <= (rules.get(run.cell.cell)!.stop ?? Number.POSITIVE_INFINITY));
}
