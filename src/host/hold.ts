/**
 * Cache entries somebody works with: a mark in the entry's folder for each process, under its owner mark. What is held stays, however
 * old or large; a mark whose process is gone holds nothing.
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownerAlive, ownerMark } from './owner.ts';

const MARK = /^held-by-(\d+)-(\d+)$/;
const myMark = (folder: string): string => join(folder, `held-by-${ownerMark().replace(':', '-')}`);

/** Holders within this process, by folder. */
const holders = new Map<string, number>();

function marksOf(folder: string): { path: string; alive: boolean }[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return []; // a file, or gone
  }
  return names.flatMap((name) => {
    const [, pid, started] = MARK.exec(name) ?? [];
    return pid === undefined ? [] : [{ path: join(folder, name), alive: ownerAlive(`${pid}:${started}`) }];
  });
}

/** Holds the entry until the function it returns is called, once; or until this process ends. Throws when the folder is gone. */
export function hold(folder: string): () => void {
  for (const { path, alive } of marksOf(folder)) if (!alive) rmSync(path, { force: true });
  writeFileSync(myMark(folder), '');
  holders.set(folder, (holders.get(folder) ?? 0) + 1);
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    const left = (holders.get(folder) ?? 1) - 1;
    holders.set(folder, left);
    if (left > 0) return;
    holders.delete(folder);
    rmSync(myMark(folder), { force: true });
  };
}

export const isHeld = (folder: string): boolean => marksOf(folder).some(({ alive }) => alive);
