import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cached, cacheEntries, cacheFolder, contentHash } from '../../src/host/cache.ts';
import { ownerMark } from '../../src/host/owner.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'roamlab-cache-'));
  vi.stubEnv('ROAMLAB_CACHE', join(folder, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const write = (text: string) => async (draft: string) => writeFileSync(join(draft, 'file'), text);

describe('where it is', () => {
  test('ROAMLAB_CACHE first, then XDG_CACHE_HOME; an empty variable counts as unset', () => {
    expect(cacheFolder()).toBe(join(folder, 'cache'));
    vi.stubEnv('ROAMLAB_CACHE', '');
    vi.stubEnv('XDG_CACHE_HOME', folder);
    expect(cacheFolder()).toBe(join(folder, 'roamlab'));
    vi.stubEnv('XDG_CACHE_HOME', '');
    vi.stubEnv('HOME', folder);
    expect(cacheFolder()).toBe(join(folder, '.cache/roamlab'));
  });
});

describe('cached', () => {
  test('makes an entry once and hands out the same folder afterwards', async () => {
    const first = await cached('entry', write('made'));
    const again = await cached('entry', async () => expect.unreachable('made twice'));
    expect(again).toBe(first);
    expect(readFileSync(join(first, 'file'), 'utf8')).toBe('made');
    expect(readdirSync(cacheFolder())).toEqual(['entry']);
  });

  test('two that ask side by side get the work of one', async () => {
    let makers = 0;
    const make = async (draft: string) => {
      makers++;
      await write('half')(draft);
      await new Promise(setImmediate);
      await write('whole')(draft);
    };
    const [a, b] = await Promise.all([cached('entry', make), cached('entry', make)]);
    expect([makers, a === b, readFileSync(join(a, 'file'), 'utf8')]).toEqual([1, true, 'whole']);
  });

  test('a maker that fails leaves nothing, and the next one starts afresh', async () => {
    const failing = cached('entry', async (draft) => {
      await write('half')(draft);
      throw new Error('disk full');
    });
    await expect(failing).rejects.toThrow('disk full');
    expect(readdirSync(cacheFolder())).toEqual([]);
    expect(readFileSync(join(await cached('entry', write('second')), 'file'), 'utf8')).toBe('second');
  });

  test('another process that was faster wins, and no draft stays', async () => {
    const path = await cached('entry', async (draft) => {
      await write('slow')(draft);
      mkdirSync(join(cacheFolder(), 'entry'));
      writeFileSync(join(cacheFolder(), 'entry/file'), 'fast');
    });
    expect(readFileSync(join(path, 'file'), 'utf8')).toBe('fast');
    expect(readdirSync(cacheFolder())).toEqual(['entry']);
  });

  test('use refreshes the age that gc goes by', async () => {
    const path = await cached('entry', write('x'));
    const old = new Date(Date.now() - 40 * 86_400_000);
    utimesSync(path, old, old);
    expect(cacheEntries()[0]!.age).toBeCloseTo(40, 2);
    await cached('entry', write('y'));
    expect(cacheEntries()[0]!.age).toBeLessThan(1);
  });
});

test('a draft is abandoned when its maker is gone, and only then', () => {
  const name = (mark: string) => `image-1.${mark.replace(':', '-')}.tmp`;
  for (const mark of [ownerMark(), `${process.pid}:1`]) mkdirSync(join(cacheFolder(), name(mark)));
  mkdirSync(join(cacheFolder(), 'image-1'));
  const abandoned = cacheEntries().filter((e) => e.abandoned);
  expect(abandoned.map((e) => e.name)).toEqual([name(`${process.pid}:1`)]);
  expect(cacheEntries()).toHaveLength(3);
  expect(existsSync(abandoned[0]!.path)).toBe(true);
});

test('the hash sees content, order and boundaries of its parts', () => {
  const hashes = [contentHash('ab', 'c'), contentHash('a', 'bc'), contentHash('abc'), contentHash('c', 'ab')];
  expect(new Set(hashes).size).toBe(4);
  expect(contentHash(Buffer.from('ab'), 'c')).toBe(hashes[0]);
  expect(hashes[0]).toMatch(/^[0-9a-f]{16}$/);
});
