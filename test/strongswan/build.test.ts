import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ensureStrongswan, unpack } from '../../src/strongswan/build.ts';

let folder: string;
let out: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unpack-'));
  out = join(folder, 'out');
  mkdirSync(out);
  mkdirSync(join(folder, 'strongswan-1'));
  writeFileSync(join(folder, 'strongswan-1/file.c'), 'one\ntwo\nthree\n');
  execFileSync('tar', ['-C', folder, '-cjf', join(folder, 'source.tar.bz2'), 'strongswan-1']);
});
afterEach(() => rmSync(folder, { recursive: true }));

function patch(name: string, from: string, to: string) {
  const path = join(folder, name);
  writeFileSync(path, `Why.\n\n--- a/file.c\n+++ b/file.c\n@@ -1,3 +1,3 @@\n one\n-${from}\n+${to}\n three\n`);
  return { name, path, text: readFileSync(path) };
}

it('patches are applied one after the other', async () => {
  await unpack(join(folder, 'source.tar.bz2'), [patch('0001-a.patch', 'two', 'zwei'), patch('0002-b.patch', 'zwei', 'deux')], out);
  expect(readFileSync(join(out, 'file.c'), 'utf8')).toBe('one\ndeux\nthree\n');
});

it('a patch that does not fit is named', async () => {
  await expect(unpack(join(folder, 'source.tar.bz2'), [patch('0001-a.patch', 'four', 'vier')], out)).rejects.toMatchObject({
    code: 'E_STRONGSWAN_PATCH',
    message: expect.stringContaining('0001-a.patch'),
  });
});

it('a version without recipe is refused with those there are', async () => {
  await expect(ensureStrongswan(() => {}, { version: '4.3.0' })).rejects.toMatchObject({
    code: 'E_STRONGSWAN_VERSION',
    exit: 2,
    hint: expect.stringContaining('6.1.0'),
  });
});
