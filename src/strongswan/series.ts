/** The patches of one release, in order: the common series, where a release's own form of a patch takes the common one's place. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RECIPE } from './source.ts';

export interface Patch {
  name: string;
  path: string;
  text: Buffer;
}

const NAME = /^\d{4}-[\w.-]+\.patch$/;

/** Patches of `version` below `folder`; a release's own empty file leaves the common patch out. */
export function series(version: string, folder = join(RECIPE, 'patches')): Patch[] {
  const own = join(folder, version);
  const names = new Set([folder, own].filter((each) => existsSync(each)).flatMap((each) => readdirSync(each).filter((n) => NAME.test(n))));
  return [...names].sort().flatMap((name) => {
    const path = existsSync(join(own, name)) ? join(own, name) : join(folder, name);
    return statSync(path).size === 0 ? [] : [{ name, path, text: readFileSync(path) }];
  });
}
