/**
 * Who works in a results folder. Its `.owner` names the process; one that was killed no longer counts, so nothing has to be cleaned up
 * before its work can go on.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownerAlive, ownerMark } from '../host/owner.ts';
import { RoamlabError } from '../types/errors.ts';

const fileOf = (folder: string): string => join(folder, '.owner');

/** A living process of this machine has claimed the folder. */
export function isClaimed(folder: string): boolean {
  try {
    return ownerAlive(readFileSync(fileOf(folder), 'utf8'));
  } catch {
    return false;
  }
}

/** Throws E_OUT_BUSY (exit 2) when another roamlab works in the folder. */
export function requireUnclaimed(folder: string): void {
  if (!isClaimed(folder)) return;
  throw new RoamlabError('E_OUT_BUSY', 2, 'another roamlab is at work in this results folder', {
    where: folder,
    hint: 'wait for it, or give another --out',
  });
}

/** Claims a folder that exists; returns what gives it back. Throws E_OUT_BUSY. */
export function claim(folder: string): () => void {
  requireUnclaimed(folder);
  rmSync(fileOf(folder), { force: true }); // of a process that is gone
  try {
    writeFileSync(fileOf(folder), ownerMark(), { flag: 'wx' });
  } catch (error) {
    requireUnclaimed(folder); // another one was faster
    throw error;
  }
  return () => rmSync(fileOf(folder), { force: true });
}
