/** Two runs, compared. */
import { RoamlabError } from '../types/errors.ts';
import { compareBytes } from './bytes.ts';
import { countPackets } from './counts.ts';
import { type Analysis, computed } from './facts.ts';
import { compareFiles } from './files.ts';
import { alignLadders } from './ladder.ts';
import { compareMetrics } from './metrics.ts';
import { runFoldersOf, type Selection } from './resolve.ts';
import { attempt, describeSide, readSide, type Side } from './side.ts';
import type { Comparison, EventAlignment, FileComparison, View } from './types.ts';
import { chooseView, circumstancesOf } from './view.ts';

export interface CompareOptions extends Selection {
  /** absent: event for runs that cannot be equal to the octet (real clock, other seed, event or experiment), else bytes */
  view?: View;
  signal?: AbortSignal;
}

/**
 * Compares two run folders, or the same run of two results folders. Writes nothing. A run that is damaged is still compared, with notes
 * of what cannot be read. Throws E_FILE_MISSING, E_FOLDER_READ, E_CELL, E_COMPARE_RUN (what the folders are, or which run is meant),
 * E_COMPARE_READ, and the reason of `signal`.
 */
export async function compareRuns(a: string, b: string, options: CompareOptions = {}): Promise<Comparison> {
  const { signal } = options;
  const [folderA, folderB] = await runFoldersOf(a, b, options);
  const files = await compareFiles(folderA, folderB, signal);
  if (files.length === 0) throw new RoamlabError('E_COMPARE_READ', 2, 'both folders are empty', { where: folderA });
  const notes = irregular(files);
  const sideA = await readSide('A', folderA, wholeIn(files, 'a'), notes);
  const sideB = await readSide('B', folderB, wholeIn(files, 'b'), notes);
  const identical = files.every(({ status }) => status === 'equal');
  const { view, why } = chooseView(sideA, sideB, options.view);
  const byEvent = view === 'event' && !identical;
  const analysisA = await analysisOf(sideA, byEvent, notes);
  const analysisB = await analysisOf(sideB, byEvent, notes);
  signal?.throwIfAborted();
  return {
    format: 1,
    a: describeSide(sideA, analysisA),
    b: describeSide(sideB, analysisB),
    identical,
    view,
    why,
    circumstances: circumstancesOf(sideA, sideB),
    files,
    bytes: view === 'bytes' && !identical ? await compareBytes(sideA, sideB, files, signal) : null,
    event: byEvent ? align(analysisA, analysisB) : null,
    metrics: analysisA === null || analysisB === null ? null : compareMetrics(analysisA.facts, analysisB.facts),
    // the analysis stumbles over what reading already did
    notes: [...new Set(notes)],
  };
}

/**
 * A run's numbers. Runs made at different times are analysed again, so that the same code speaks of both; else facts.json is one of
 * the files that are compared, and counts as it is.
 */
async function analysisOf(side: Side, again: boolean, notes: string[]): Promise<Analysis | null> {
  if (!again && side.stored !== null) return side.stored;
  const recomputed = side.whole ? await attempt(computed(side.folder), (why) => notes.push(`${side.name}: ${why}`)) : null;
  return recomputed ?? side.stored;
}

function align(a: Analysis | null, b: Analysis | null): EventAlignment | null {
  if (a === null || b === null) return null;
  return {
    ladder: alignLadders(a.facts.ladder, b.facts.ladder),
    packets: a.input === null || b.input === null ? null : countPackets(a.input, b.input),
  };
}

function wholeIn(files: FileComparison[], side: 'a' | 'b'): boolean {
  return files.every((file) => file[side] === null || file[side].sha256 !== null);
}

function irregular(files: FileComparison[]): string[] {
  return files.flatMap(({ path, ...states }) =>
    (['a', 'b'] as const)
      .filter((side) => states[side] !== null && states[side].sha256 === null)
      .map((side) => `${side.toUpperCase()}: ${path}: no regular file, not read`),
  );
}
