/** Writing initramfs archives: cpio "newc" (Documentation/driver-api/early-userspace/buffer-format.rst in the kernel). */

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { Writable } from 'node:stream';

export interface Entry {
  /** relative, without a leading slash */
  path: string;
  /** full st_mode, file type included */
  mode: number;
  data?: Uint8Array | { file: string; size: number };
  /** major, minor of a device node */
  device?: [number, number];
}

const hex = (n: number): string => (n >>> 0).toString(16).padStart(8, '0');
const pad = (length: number): Buffer => Buffer.alloc((4 - (length % 4)) % 4);

async function write(out: Writable, chunk: Uint8Array): Promise<void> {
  if (!out.write(chunk)) await once(out, 'drain');
}

/**
 * Writes one archive; order, owners and times are fixed, so the same entries give the same bytes. The kernel accepts several
 * archives one after the other, later files replacing earlier ones.
 */
export async function writeCpio(out: Writable, entries: Iterable<Entry>): Promise<void> {
  let inode = 1;
  const header = (entry: Entry, size: number): Buffer => {
    const name = Buffer.from(`${entry.path}\0`);
    const [major, minor] = entry.device ?? [0, 0];
    const fields = [inode++, entry.mode, 0, 0, (entry.mode & 0o170000) === 0o040000 ? 2 : 1, 0, size, 0, 0, major, minor, name.length, 0];
    const head = Buffer.concat([Buffer.from(`070701${fields.map(hex).join('')}`), name]);
    return Buffer.concat([head, pad(head.length)]);
  };
  for (const entry of entries) {
    const { data } = entry;
    if (data === undefined) {
      await write(out, header(entry, 0));
    } else if (data instanceof Uint8Array) {
      await write(out, header(entry, data.length));
      await write(out, data);
      await write(out, pad(data.length));
    } else {
      await write(out, header(entry, data.size));
      for await (const chunk of createReadStream(data.file)) await write(out, chunk as Buffer);
      await write(out, pad(data.size));
    }
  }
  await write(out, header({ path: 'TRAILER!!!', mode: 0 }, 0));
}
