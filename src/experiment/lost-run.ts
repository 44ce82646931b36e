/** A run that cost its guest: recorded as failed, with what is known of the end, so that the others go on. */
import { failedRecord } from '../run/execute.ts';
import { RoamlabError } from '../types/errors.ts';
import { Arrival } from './arrival.ts';
import type { PlannedRun, ResultsFolder } from './folder.ts';

/** Throws `error` when it is more than this run's: an abort, a machine that cannot, a bug. */
export function recordLost(results: ResultsFolder, run: PlannedRun, error: unknown, signal: AbortSignal): void {
  if (signal.aborted || !(error instanceof RoamlabError) || error.exit !== 1) throw error;
  const arrival = new Arrival(results, run);
  failedRecord({ ...run, folder: arrival.folder }, error.format());
  arrival.complete();
}
