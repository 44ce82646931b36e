/**
 * Where programs are looked for: PATH, then the folders of system tools. Debian's `su` keeps the PATH of the user before, which
 * lacks sbin, and tc and ethtool live there.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const SYSTEM = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** Folders in order. An empty entry of PATH would mean the working folder; it is left out. */
export function searchFolders(path: string | undefined = process.env.PATH): string[] {
  return [...new Set([...(path ?? '').split(delimiter).filter((folder) => folder !== ''), ...SYSTEM])];
}

/** The same as a value of PATH, for programs that start others. */
export const searchPath = (): string => searchFolders().join(delimiter);

export function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Path of program `name`; null = not found. */
export const findProgram = (name: string): string | null =>
  searchFolders()
    .map((folder) => join(folder, name))
    .find(executable) ?? null;
