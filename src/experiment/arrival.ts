/**
 * A run folder that arrives file by file. It is put together aside and appears by one rename, so that a folder with the name of a run
 * is a whole run, whenever roamlab is killed.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { RoamlabError } from '../types/errors.ts';
import type { PlannedRun, ResultsFolder } from './folder.ts';

/** A path the guest names, kept inside `root`. Throws E_GUEST (exit 1) when it leads out. */
export function safePath(root: string, path: string): string {
  const clean = normalize(path);
  if (isAbsolute(clean) || clean.startsWith('..'))
    throw new RoamlabError('E_GUEST', 1, `the guest sent a file outside its results: ${path}`);
  return join(root, clean);
}

export class Arrival {
  /** where the run is put together */
  readonly folder: string;
  readonly #final: string;

  constructor(results: ResultsFolder, run: PlannedRun) {
    results.discard(run);
    this.folder = results.aside(run);
    this.#final = join(results.path, run.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }

  file(path: string, mode: number, body: Uint8Array): void {
    const target = safePath(this.folder, path);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    writeFileSync(target, body, { mode });
  }

  /** Everything is there. */
  complete(): void {
    mkdirSync(dirname(this.#final), { recursive: true, mode: 0o700 });
    renameSync(this.folder, this.#final);
  }

  /** What came so far is worth nothing. */
  forget(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
