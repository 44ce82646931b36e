/** What stands for a run whose files tell nothing: invalid, with the reason, in the cell its folder says, known or not. */
import { resolve } from 'node:path';
import type { RoamlabError } from '../types/errors.ts';
import type { CellSummary, ExperimentRecord, RunFacts } from '../types/run.ts';
import { loadRunRecord } from './folder/load.ts';
import { cellFolder } from './folder/names.ts';
import type { RunFolder } from './folder/runs.ts';

/**
 * Facts that hold nothing but why there are none. A run that failed says what failed; that its files are then missing or
 * empty only follows from it.
 */
export async function unreadable(folder: RunFolder, record: ExperimentRecord, error: RoamlabError): Promise<RunFacts> {
  const run = await loadRunRecord(folder.path).catch(() => null);
  // the folder's place decides, not what run.json claims
  const cell = record.cells.find((candidate) => cellFolder(candidate) === folder.cellFolder)?.cell ?? folder.cellFolder;
  const where = error.where === undefined ? '' : `${error.where.replace(`${resolve(folder.path)}/`, '').replace(`${folder.path}/`, '')}: `;
  const unread = `${where}${error.message} [${error.code}]`;
  const detail = run === null || run.error === null ? unread : `${run.error} (and ${unread})`;
  return {
    cell,
    run: folder.run,
    nullEvent: folder.nullEvent,
    seed: run?.seed ?? 0,
    event: null,
    t0: null,
    epoch: run?.epoch ?? 0,
    metrics: {},
    flows: {},
    gates: [{ name: 'complete', ok: false, severity: 'invalid', detail }],
    valid: false,
    notes: [],
    ladder: [],
  };
}

/** Cells that have folders and are not in experiment.json: no numbers, but a run no table shows would have vanished. */
export function strangers(record: ExperimentRecord, facts: RunFacts[]): CellSummary[] {
  const known = new Set(record.cells.map(({ cell }) => cell));
  const byCell = Map.groupBy(
    facts.filter(({ cell }) => !known.has(cell)),
    ({ cell }) => cell,
  );
  return [...byCell].map(([cell, runs]) => ({
    cell,
    values: {},
    runs: runs.filter(({ nullEvent }) => !nullEvent).length,
    valid: 0,
    invalid: runs.map(({ run, nullEvent, gates }) => ({
      run,
      reasons: ['complete: experiment.json has no cell of this folder', ...gates.map(({ name, detail }) => `${name}: ${detail}`)].map(
        (why) => (nullEvent ? `null run: ${why}` : why),
      ),
    })),
    nullRuns: runs.filter(({ nullEvent }) => nullEvent).length,
    nullQuiet: false,
    disturbed: [],
    noise: null,
    metrics: [],
  }));
}
