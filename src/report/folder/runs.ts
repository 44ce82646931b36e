/** The run folders of a results folder, in a stable order: by cell folder, event runs before null runs, by number. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RoamlabError } from '../../types/errors.ts';

export interface RunFolder {
  /** absolute or as given */
  path: string;
  /** relative to the results folder, with `/` */
  name: string;
  cellFolder: string;
  run: number;
  nullEvent: boolean;
}

const NAME = /^(run|null)-(\d+)$/;

/** Folders named `run-001` and `null-001` below `cells/`. Throws E_FOLDER_READ when there is no `cells/`. */
export async function runFolders(results: string): Promise<RunFolder[]> {
  const found: RunFolder[] = [];
  for (const cellFolder of await names(join(results, 'cells'))) {
    for (const name of await names(join(results, 'cells', cellFolder))) {
      const match = NAME.exec(name);
      if (match === null) continue;
      const relative = `cells/${cellFolder}/${name}`;
      found.push({ path: join(results, relative), name: relative, cellFolder, run: Number(match[2]), nullEvent: match[1] === 'null' });
    }
  }
  const byKey = (a: RunFolder, b: RunFolder): number =>
    a.cellFolder.localeCompare(b.cellFolder) || Number(a.nullEvent) - Number(b.nullEvent) || a.run - b.run;
  return found.sort(byKey);
}

async function names(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (cause) {
    throw new RoamlabError('E_FOLDER_READ', 2, `cannot list: ${(cause as Error).message}`, { where: folder, cause });
  }
}
