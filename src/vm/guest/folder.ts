/** Sending a folder to the host. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { GuestMessage } from '../protocol.ts';

/** Every file below `root`, in a fixed order, named relative to `base`. */
export function sendFolder(root: string, base: string, send: (message: GuestMessage, body: Uint8Array) => void): void {
  for (const name of readdirSync(root).sort()) {
    const path = join(root, name);
    const info = statSync(path);
    if (info.isDirectory()) sendFolder(path, base, send);
    else send({ type: 'file', path: path.slice(base.length + 1), mode: info.mode & 0o777 }, readFileSync(path));
  }
}
