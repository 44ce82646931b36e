/** The guest's archive with the patched strongSwan (src/strongswan): programs and libraries, nothing a measuring guest never reads. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { PATCHED_ROOT } from '../host/capabilities.ts';
import { type Entry, writeCpio } from './cpio.ts';

const WANTED = ['lib', 'libexec', 'sbin'];

function entries(from: string, to: string): Entry[] {
  const found: Entry[] = [{ path: to, mode: 0o040755 }];
  for (const name of readdirSync(from).sort()) {
    const [path, there] = [join(from, name), `${to}/${name}`];
    const info = lstatSync(path);
    if (info.isDirectory()) found.push(...entries(path, there));
    else if (info.isSymbolicLink()) found.push({ path: there, mode: 0o120777, data: Buffer.from(readlinkSync(path)) });
    else if (!name.endsWith('.la')) found.push({ path: there, mode: 0o100000 | (info.mode & 0o755), data: readFileSync(path) });
  }
  return found;
}

/** `root`: the tree that `ensureStrongswan` made. */
export async function charonArchive(root: string): Promise<Buffer> {
  const to = PATCHED_ROOT.slice(1);
  const folders = to.split('/').map((_, i, all) => ({ path: all.slice(0, i + 1).join('/'), mode: 0o040755 }));
  const stream = new PassThrough();
  const collected = buffer(stream);
  await writeCpio(stream, [...folders, ...WANTED.flatMap((name) => entries(join(root, name), `${to}/${name}`))]);
  stream.end();
  return collected;
}
