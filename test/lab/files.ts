/** Run folders as hashes. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Path below `folder` -> sha256, of every file. */
export function hashes(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name);
    if (statSync(path).isFile()) found[relative(folder, path)] = createHash('sha256').update(readFileSync(path)).digest('hex');
  }
  return found;
}
