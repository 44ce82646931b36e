/** Every file of the two run folders, by content. A link to a file counts as the file, a link to a folder is not entered. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { RoamlabError } from '../types/errors.ts';
import type { FileComparison, FileState } from './types.ts';

/** a run has some twenty */
const MOST_FILES = 10_000;
const DEEPEST = 16;

/** Compares all files, in the order of their names. Throws E_COMPARE_READ. */
export async function compareFiles(a: string, b: string, signal?: AbortSignal): Promise<FileComparison[]> {
  const [inA, inB] = [new Set(await list(a)), new Set(await list(b))];
  const compared: FileComparison[] = [];
  for (const path of [...new Set([...inA, ...inB])].sort()) {
    signal?.throwIfAborted();
    const [stateA, stateB] = await Promise.all([inA.has(path) ? state(join(a, path)) : null, inB.has(path) ? state(join(b, path)) : null]);
    compared.push({ path, status: statusOf(stateA, stateB), a: stateA, b: stateB });
  }
  return compared;
}

function statusOf(a: FileState | null, b: FileState | null): FileComparison['status'] {
  if (b === null) return 'only-a';
  if (a === null) return 'only-b';
  return a.sha256 !== null && a.sha256 === b.sha256 ? 'equal' : 'differs';
}

/** Names of everything but folders, relative, with `/`. */
async function list(root: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((cause: Error) => {
      throw readError(join(root, folder), cause);
    });
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (depth >= DEEPEST) throw tooMuch(root, `folders below folders, ${DEEPEST} deep`);
        await walk(path, depth + 1);
      } else found.push(path);
      if (found.length > MOST_FILES) throw tooMuch(root, `more than ${MOST_FILES} files`);
    }
  };
  await walk('', 0);
  return found;
}

async function state(path: string): Promise<FileState> {
  try {
    const info = await stat(path).catch(() => null);
    if (info === null || !info.isFile()) return { size: 0, sha256: null };
    const hash = createHash('sha256');
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
    return { size: info.size, sha256: hash.digest('hex') };
  } catch (cause) {
    throw readError(path, cause as Error);
  }
}

/** E_COMPARE_READ */
export function readError(path: string, cause: Error): RoamlabError {
  return new RoamlabError('E_COMPARE_READ', 2, `cannot read: ${cause.message}`, { where: path, cause });
}

function tooMuch(root: string, what: string): RoamlabError {
  return new RoamlabError('E_COMPARE_READ', 2, `this is no run folder: ${what}`, { where: root });
}
