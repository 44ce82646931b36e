/** `--resume`: which results folder holds work that was interrupted and can go on. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadExperiment } from '../report/index.ts';
import { RoamlabError } from '../types/errors.ts';
import type { CellExperiment } from '../types/experiment.ts';
import type { ExperimentRecord } from '../types/run.ts';
import { isClaimed } from './claim.ts';
import { finishedRuns, runsLeft } from './finished.ts';
import { plannedRuns, ResultsFolder } from './folder.ts';

/** What the interrupted invocation must have in common with this one. */
export interface Resumable {
  name: string;
  cells: CellExperiment[];
  seed: number;
  /** runs per cell; default: as many as were asked for then */
  runs?: number | undefined;
  /** fraction of the median at which a cell needs no more runs */
  untilCi?: number | undefined;
}

export interface Unfinished {
  path: string;
  /** per cell */
  runs: number;
}

/**
 * The results of the same resolved cells and seed below `base`/`name` that were started last and lack runs or the report; null when there are none.
 * Folders that are something else, cannot be read, or in which another roamlab is at work are passed over.
 */
export async function newestUnfinished(base: string, wanted: Resumable): Promise<Unfinished | null> {
  const parent = join(base, wanted.name);
  const candidates = await Promise.all(foldersIn(parent).map((name) => recordOf(join(parent, name), wanted)));
  const same = candidates.filter((entry) => entry !== null);
  for (const { path, record } of same.sort((a, b) => (a.record.started < b.record.started ? 1 : -1))) {
    const runs = wanted.runs ?? record.runs;
    if (!isClaimed(path) && (await isUnfinished(path, record, { ...wanted, runs }))) return { path, runs };
  }
  return null;
}

/** The same, for who insists. Throws E_RESUME (exit 2) when there are none. */
export async function requireUnfinished(base: string, wanted: Resumable): Promise<Unfinished> {
  const found = await newestUnfinished(base, wanted);
  if (found !== null) return found;
  throw new RoamlabError('E_RESUME', 2, 'no unfinished results of this experiment and seed', {
    where: join(base, wanted.name),
    hint: 'results another roamlab is at work on do not count; without --resume it starts anew, --out goes on with results elsewhere',
  });
}

function foldersIn(parent: string): string[] {
  try {
    return readdirSync(parent);
  } catch {
    return [];
  }
}

async function recordOf(path: string, { cells, seed }: Resumable): Promise<{ path: string; record: ExperimentRecord } | null> {
  try {
    const record = await loadExperiment(path); // checked; the comparison needs it as it was written
    const written = new ResultsFolder(path).existing();
    return record.seed === seed && JSON.stringify(written?.cells) === JSON.stringify(cells) ? { path, record } : null;
  } catch (error) {
    if (error instanceof RoamlabError) return null;
    throw error;
  }
}

async function isUnfinished(path: string, record: ExperimentRecord, { cells, seed, runs, untilCi }: Resumable): Promise<boolean> {
  const results = new ResultsFolder(path);
  const planned = plannedRuns(cells, runs ?? record.runs, seed);
  if (!existsSync(join(path, 'summary.json'))) return true; // it is written when nothing is left to do
  if (planned.every((run) => results.finished(run))) return false;
  if (untilCi === undefined) return true;
  return runsLeft(planned, await finishedRuns(results, planned, record), { seed, untilCi }).length > 0;
}
