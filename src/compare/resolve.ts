/** From what the user names, run folders or results folders, to the two run folders to compare. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { cellFolder, runName } from '../report/folder/names.ts';
import { type RunFolder, runFolders } from '../report/folder/runs.ts';
import { RoamlabError } from '../types/errors.ts';

/** Which run of a results folder. */
export interface Selection {
  /** number of the run, or the null run */
  run?: number | 'null';
  /** may be left out when there is one cell */
  cell?: string;
}

/** Folder names of a run below `cells/`. */
interface Place {
  cell: string | undefined;
  name: string | undefined;
}

const RUN_NAME = /^(run|null)-\d+$/;

/**
 * The two run folders. A results folder beside a run folder means the same run of the same cell. Throws E_FILE_MISSING,
 * E_FOLDER_READ (neither kind of folder), E_COMPARE_RUN, E_CELL with what there is to choose from.
 */
export async function runFoldersOf(a: string, b: string, selection: Selection): Promise<[string, string]> {
  const kinds = [await kindOf(a), await kindOf(b)] as const;
  if (kinds.every((kind) => kind === 'run')) {
    if (selection.run !== undefined || selection.cell !== undefined) {
      throw new RoamlabError('E_COMPARE_RUN', 2, 'a run and a cell are chosen from results folders, and both are run folders', {
        where: a,
        hint: 'leave out --run and --cell',
      });
    }
    return [a, b];
  }
  const wanted: Place = {
    cell: selection.cell === undefined ? undefined : cellFolder({ cell: selection.cell }),
    name: selection.run === undefined ? undefined : selection.run === 'null' ? runName(1, true) : runName(selection.run, false),
  };
  const pick = async (path: string, other: string, otherKind: string): Promise<string> => {
    const found = await runFolders(path);
    const beside = otherKind === 'run' ? placeOf(other) : undefined;
    const inCell = ofCell(path, found, wanted.cell ?? beside?.cell, selection.cell);
    return ofName(path, inCell, wanted.name ?? beside?.name);
  };
  return [kinds[0] === 'run' ? a : await pick(a, b, kinds[1]), kinds[1] === 'run' ? b : await pick(b, a, kinds[0])];
}

async function kindOf(path: string): Promise<'run' | 'results'> {
  const info = await stat(path).catch(() => null);
  if (info === null) throw new RoamlabError('E_FILE_MISSING', 2, 'no such file or folder', { where: path });
  const has = (name: string): Promise<boolean> =>
    stat(join(path, name)).then(
      () => true,
      () => false,
    );
  if (info.isDirectory()) {
    // a damaged run folder may lack its run.json
    if ((await has('run.json')) || RUN_NAME.test(basename(resolve(path)))) return 'run';
    if (await has('cells')) return 'results';
  }
  throw new RoamlabError('E_FOLDER_READ', 2, 'neither a results folder (cells/) nor a run folder (run.json)', { where: path });
}

/** Nothing for a copy that stands elsewhere. */
function placeOf(folder: string): Partial<Place> {
  const path = resolve(folder);
  const cell = dirname(path);
  return basename(dirname(cell)) === 'cells' ? { cell: basename(cell), name: basename(path) } : {};
}

function ofCell(path: string, found: RunFolder[], wanted: string | undefined, named: string | undefined): RunFolder[] {
  const cells = [...new Set(found.map((folder) => folder.cellFolder))];
  const hint = cells.length === 0 ? 'it has no runs' : `cells: ${cells.join(', ')}`;
  const chosen = wanted ?? (cells.length === 1 ? cells[0] : undefined);
  if (chosen !== undefined && cells.includes(chosen)) return found.filter((folder) => folder.cellFolder === chosen);
  const what = chosen === undefined ? 'which cell?' : `no cell ${JSON.stringify(named ?? chosen)}`;
  throw new RoamlabError('E_CELL', 2, cells.length === 0 ? 'no runs' : what, { where: path, hint });
}

function ofName(path: string, found: RunFolder[], wanted: string | undefined): string {
  const folder = found.find((candidate) => basename(candidate.path) === wanted);
  if (folder !== undefined) return folder.path;
  const names = found.map((candidate) => (candidate.nullEvent ? 'null' : String(candidate.run)));
  throw new RoamlabError('E_COMPARE_RUN', 2, wanted === undefined ? 'which run?' : `no ${wanted}`, {
    where: path,
    hint: `--run with one of: ${shortList(names)}`,
  });
}

function shortList(names: string[]): string {
  return names.length > 20 ? `${names.slice(0, 10).join(', ')} … ${names.at(-1)}` : names.join(', ');
}
