/** What of the cache has to go: by age, and stored guests also by size. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CacheEntry, cacheEntries } from './cache.ts';
import { isHeld } from './hold.ts';

export interface Limits {
  /** entries not used for so many days go */
  days: number;
  /** octets on disk that stored guests may take together; the ones not used for the longest time go first */
  guestBytes: number;
}

/** A stored guest takes 0.5 GB, with helpers 0.7; this is the labs of some fifteen cells. */
export const LIMITS: Limits = { days: 30, guestBytes: 10e9 };

/** Days (a minute): somebody has found it there, and is about to hold it. */
const FRESH = 1 / 1440;
const isGuest = (name: string): boolean => /^(booted|cell)-[0-9a-f]+$/.test(name);

export interface SizedEntry extends CacheEntry {
  /** octets on disk */
  bytes: number;
  /** somebody works with it (hold.ts) */
  held: boolean;
}

function bytesOf(folder: string): number {
  try {
    return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).blocks * 512, 0);
  } catch {
    return 0; // a file, or gone
  }
}

export const sizedEntries = (): SizedEntry[] =>
  cacheEntries().map((entry) => ({ ...entry, bytes: bytesOf(entry.path), held: isHeld(entry.path) }));

/** The entries beyond the limits, each with the reason. Drafts in the making never are, nor what somebody holds, though it counts. */
export function surplus(entries: readonly SizedEntry[], { days, guestBytes }: Limits): { entry: SizedEntry; why: string }[] {
  const finished = entries.filter(({ name, abandoned }) => !abandoned && !name.endsWith('.tmp'));
  const old = finished.filter(({ age, held }) => age >= days && !held);
  const guests = finished
    .filter((entry) => isGuest(entry.name) && !old.includes(entry))
    .sort((a, b) => Number(b.held) - Number(a.held) || a.age - b.age);
  let total = 0;
  const crowded = guests.filter((entry) => {
    total += entry.bytes;
    return total > guestBytes && entry.age > FRESH && !entry.held;
  });
  return [
    ...entries.filter(({ abandoned }) => abandoned).map((entry) => ({ entry, why: 'abandoned draft' })),
    ...old.map((entry) => ({ entry, why: `last used ${Math.floor(entry.age)} days ago` })),
    ...crowded.map((entry) => ({ entry, why: `stored guests take more than ${guestBytes / 1e9} GB` })),
  ];
}

/** Removes what is beyond the limits. */
export function trimCache(limits: Limits = LIMITS): void {
  for (const { entry } of surplus(sizedEntries(), limits)) rmSync(entry.path, { recursive: true, force: true });
}
