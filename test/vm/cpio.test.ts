/** Archives against the real `cpio`, which a Debian system need not have, and against a reader of the kernel's format here. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { programPath } from '../../src/host/packages.ts';
import { type Entry, writeCpio } from '../../src/vm/cpio.ts';

async function archive(entries: Entry[]): Promise<Buffer> {
  const out = new PassThrough();
  const collected = buffer(out);
  await writeCpio(out, entries);
  out.end();
  return collected;
}

interface Read {
  path: string;
  mode: number;
  data: string;
  device: [number, number];
  inode: number;
}

/** buffer-format.rst: "070701", 13 fields of 8 hex digits, name, padding to 4, data, padding to 4. */
function read(bytes: Buffer): Read[] {
  const found: Read[] = [];
  for (let at = 0; ; ) {
    expect(bytes.toString('latin1', at, at + 6)).toBe('070701');
    const field = (n: number) => Number.parseInt(bytes.toString('latin1', at + 6 + 8 * n, at + 14 + 8 * n), 16);
    const path = bytes.toString('utf8', at + 110, at + 110 + field(11) - 1);
    expect(bytes[at + 110 + field(11) - 1]).toBe(0);
    const start = (at + 110 + field(11) + 3) & ~3;
    const end = start + field(6);
    if (path === 'TRAILER!!!') {
      expect(end).toBe(bytes.length);
      return found;
    }
    found.push({ path, mode: field(1), data: bytes.toString('utf8', start, end), device: [field(9), field(10)], inode: field(0) });
    at = (end + 3) & ~3;
  }
}

const ENTRIES: Entry[] = [
  { path: 'roamlab', mode: 0o040755 },
  ...['', 'a', 'ab', 'abc', 'abcd', 'abcde'].map((text, i) => ({
    path: `roamlab/${'n'.repeat(i + 1)}`,
    mode: 0o100600,
    data: Buffer.from(text),
  })),
  { path: 'roamlab/ü', mode: 0o100644, data: Buffer.from('umlaut') },
  { path: 'bin', mode: 0o120777, data: Buffer.from('usr/bin') },
  { path: 'dev/console', mode: 0o020600, device: [5, 1] },
];

test('names, modes, contents and device numbers come back, whatever their lengths', async () => {
  const found = read(await archive(ENTRIES));
  expect(found.map(({ inode: _, ...rest }) => rest)).toEqual(
    ENTRIES.map((e) => ({
      path: e.path,
      mode: e.mode,
      data: Buffer.from((e.data as Buffer) ?? '').toString(),
      device: e.device ?? [0, 0],
    })),
  );
  expect(new Set(found.map((e) => e.inode)).size).toBe(found.length); // equal inodes would be hard links
});

test('the same entries give the same bytes', async () => {
  expect(await archive(ENTRIES)).toEqual(await archive(ENTRIES));
});

test('a file on disk goes in like its bytes, also through a slow stream', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'roamlab-cpio-'));
  const data = Buffer.alloc(200_001, 'x');
  writeFileSync(join(folder, 'big'), data);
  const chunks: Buffer[] = [];
  const slow = new Writable({
    highWaterMark: 1000,
    write(chunk: Buffer, _, done) {
      chunks.push(Buffer.from(chunk));
      setImmediate(done);
    },
  });
  await writeCpio(slow, [{ path: 'big', mode: 0o100644, data: { file: join(folder, 'big'), size: data.length } }]);
  await new Promise<void>((resolve) => slow.end(resolve));
  expect(Buffer.concat(chunks)).toEqual(await archive([{ path: 'big', mode: 0o100644, data }]));
  rmSync(folder, { recursive: true });
});

describe.runIf(programPath('cpio') !== null)('cpio', () => {
  test('lists what is in it', async () => {
    const names = execFileSync('cpio', ['-it', '--quiet'], { input: await archive(ENTRIES), encoding: 'utf8' });
    expect(names.trim().split('\n')).toHaveLength(ENTRIES.length);
    for (const path of ENTRIES.map((e) => e.path).filter((p) => /^[\x20-\x7e]+$/.test(p))) expect(names).toContain(`${path}\n`);
  });

  test('lists modes and targets as ls does', async () => {
    const listed = execFileSync('cpio', ['-itv', '--quiet'], { input: await archive(ENTRIES), encoding: 'utf8' });
    expect(listed).toMatch(/^drwxr-xr-x .* roamlab$/m);
    expect(listed).toMatch(/^lrwxrwxrwx .* bin -> usr\/bin$/m);
    expect(listed).toMatch(/^crw------- .* 5, +1 .* dev\/console$/m);
  });
});
