import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { series } from '../../src/strongswan/series.ts';
import { releases } from '../../src/strongswan/source.ts';

describe('the patches of a release', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'series-'));
    mkdirSync(join(folder, '5.9.8'));
    for (const name of ['0002-b.patch', '0001-a.patch', '0003-c.patch', 'README']) writeFileSync(join(folder, name), `common ${name}`);
    writeFileSync(join(folder, '5.9.8/0002-b.patch'), 'own form');
    writeFileSync(join(folder, '5.9.8/0003-c.patch'), '');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const read = (version: string) => series(version, folder).map((p) => [p.name, p.text.toString()]);

  it('are the common ones in the order of their names', () => {
    expect(read('6.1.0').map(([name]) => name)).toEqual(['0001-a.patch', '0002-b.patch', '0003-c.patch']);
  });
  it('take a release’s own form, and leave out what it has empty', () => {
    expect(read('5.9.8')).toEqual([
      ['0001-a.patch', 'common 0001-a.patch'],
      ['0002-b.patch', 'own form'],
    ]);
  });
});

it('every release of the recipe says what its tarball hashes to', () => {
  expect(releases().map((r) => r.version)).toEqual(['6.1.0', '5.9.8']);
  for (const release of releases()) expect(release.sha256).toMatch(/^[0-9a-f]{64}$/);
});
