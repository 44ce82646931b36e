import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadExperiment } from '../../src/spec/index.ts';

const topologies = join(import.meta.dirname, '..', '..', 'topologies');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roamlab-spec-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What processors and transports can do is measured while nothing happens. */
const WITHOUT_EVENT = new Set<string>(['CPU', 'throughput', 'goodput', 'cwnd', 'retransmitted', 'stages']);
/** Configurations of the MML-IPsec paper. */
const CLEAR = new Set<unknown>(['reno', 'snoop']);

describe('shipped experiments', () => {
  test.each(globSync('**/*.yaml', { cwd: topologies }))('%s loads', async (name) => {
    const loaded = await loadExperiment(join(topologies, name));
    expect(loaded.cells.length).toBeGreaterThan(0);
    for (const cell of loaded.cells) {
      if (cell.measure.some((metric) => !WITHOUT_EVENT.has(metric))) expect(cell.timeline.length).toBeGreaterThan(0);
      const clear = cell.values.security === 'none' || CLEAR.has(cell.values.config);
      expect(cell.flows.every((flow) => (flow.protectedBy === null) === clear)).toBe(true);
    }
    expect((await readFile(join(topologies, name), 'utf8')).split('\n').length).toBeLessThanOrEqual(40);
  });
});

describe('files that are not experiments', () => {
  const refused = (path: string, code: string) => expect(loadExperiment(path)).rejects.toMatchObject({ code, exit: 2, where: path });

  test('missing', () => refused(join(folder, 'none.yaml'), 'E_FILE_MISSING'));
  test('below a file', async () => {
    await writeFile(join(folder, 'file'), '');
    await refused(join(folder, 'file', 'x.yaml'), 'E_FILE_MISSING');
  });
  test('NUL in the path', () => refused('a\0b', 'E_FILE_MISSING'));
  test('a directory', () => refused(folder, 'E_FILE_DIRECTORY'));
  test('a FIFO is not waited for', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    await refused(fifo, 'E_FILE_KIND');
  });
  test('50 MB', async () => {
    const path = join(folder, 'big.yaml');
    await using file = await open(path, 'w');
    await file.truncate(50e6);
    await refused(path, 'E_FILE_TOO_BIG');
  });
  test('not UTF-8', async () => {
    const path = join(folder, 'latin1.yaml');
    await writeFile(path, Buffer.from('title: Z\xfcrich\n', 'latin1'));
    await refused(path, 'E_FILE_ENCODING');
  });
  test('UTF-16', async () => {
    const path = join(folder, 'utf16.yaml');
    await writeFile(path, Buffer.from('\ufeffname: x\n', 'utf16le'));
    await refused(path, 'E_FILE_ENCODING');
  });
});

test('a byte order mark is no part of the first key', async () => {
  const path = join(folder, 'bom.yaml');
  await writeFile(path, `\ufeff${await readFile(join(topologies, 'hello.yaml'), 'utf8')}`);
  expect((await loadExperiment(path)).name).toBe('hello');
});
