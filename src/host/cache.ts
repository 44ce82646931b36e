/**
 * The cache: things that cost seconds to make, under a name that holds the hash of everything they were made from. An
 * entry appears by one rename, so an interrupted build leaves no half entry, and two builders do no harm.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ownerAlive, ownerMark } from './owner.ts';

/** $ROAMLAB_CACHE, else $XDG_CACHE_HOME/roamlab, else ~/.cache/roamlab. */
export function cacheFolder(): string {
  // an empty variable counts as unset (XDG base directory specification)
  const base = process.env.ROAMLAB_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'roamlab');
  mkdirSync(base, { recursive: true });
  return base;
}

/** Hex SHA-256 over length-prefixed parts (so that moving a boundary changes it), 16 digits. */
export function contentHash(...parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Entries being made by this process: guests that start side by side ask for the same one. */
const underway = new Map<string, Promise<string>>();

/** The folder of entry `name`, built by `make` into a folder of its own when it is not there yet. */
export async function cached(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const key = join(cacheFolder(), name);
  const known = underway.get(key);
  if (known !== undefined) return known;
  const making = find(key, make).finally(() => underway.delete(key));
  underway.set(key, making);
  return making;
}

async function find(final: string, make: (folder: string) => Promise<void>): Promise<string> {
  if (existsSync(final)) {
    utimesSync(final, new Date(), new Date()); // gc goes by last use
    return final;
  }
  const draft = `${final}.${ownerMark().replace(':', '-')}.tmp`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  try {
    await make(draft);
    publish(draft, final);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
  return final;
}

/** Another process may have been faster: its entry is as good. */
function publish(draft: string, final: string): void {
  try {
    renameSync(draft, final);
  } catch (error) {
    if (!existsSync(final)) throw error;
    rmSync(draft, { recursive: true, force: true });
  }
}

export interface CacheEntry {
  name: string;
  path: string;
  /** days since last use */
  age: number;
  /** a draft whose maker is gone */
  abandoned: boolean;
}

/** Everything in the cache, drafts included. */
export function cacheEntries(): CacheEntry[] {
  const folder = cacheFolder();
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const info = statSync(path, { throwIfNoEntry: false });
    if (info === undefined) return []; // a draft that has just become an entry
    const draft = /\.(\d+)-(\d+)\.tmp$/.exec(name);
    const abandoned = draft !== null && !ownerAlive(`${draft[1]}:${draft[2]}`);
    return [{ name, path, age: (Date.now() - info.mtimeMs) / 86_400_000, abandoned }];
  });
}
