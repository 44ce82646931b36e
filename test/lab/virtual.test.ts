/**
 * The virtual clock's promise: the same seed gives the same octets, on another boot, on a busy machine, alone or in a batch; other seeds
 * give other runs.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheFolder } from '../../src/host/cache.ts';
import type { EventRecord, RunFacts } from '../../src/types/run.ts';
import { keepBusy } from './busy.ts';
import { ROOT, roamlab, scratchFolder } from './cli.ts';
import { hashes } from './files.ts';

const LOSSY = join(ROOT, 'test/lab/lossy.yaml');
const RUNS = 10;
const batch = join(tmpdir(), `roamlab-test-batch-${process.pid}`);
const runFolder = (results: string, name: string) => join(results, 'cells/all', name);
const names = ['null-001', ...Array.from({ length: RUNS }, (_, i) => `run-${String(i + 1).padStart(3, '0')}`)];

beforeAll(async () => {
  const { stderr } = await roamlab(['run', LOSSY, '--clock', 'virtual', '--runs', String(RUNS), '--out', batch]);
  expect(readdirSync(join(batch, 'cells/all')).sort(), stderr).toEqual(names);
});
afterAll(() => rmSync(batch, { recursive: true, force: true }));

/** A cache with the image, and nothing that was ever booted from it. */
function cacheWithoutGuests(): string {
  const folder = scratchFolder();
  for (const name of readdirSync(cacheFolder())) {
    if (/^(image|runtime)-[0-9a-f]+$/.test(name)) symlinkSync(join(cacheFolder(), name), join(folder, name));
  }
  return folder;
}

/** Runs the experiment again and holds every file of its first runs against the batch. */
async function expectTheSame(env: Record<string, string>): Promise<void> {
  const out = join(scratchFolder(), 'again');
  const { stderr } = await roamlab(['run', LOSSY, '--clock', 'virtual', '--runs', '2', '--out', out], env);
  for (const name of ['null-001', 'run-001', 'run-002']) {
    const first = hashes(runFolder(batch, name));
    expect(Object.keys(first).length, stderr).toBeGreaterThan(12);
    expect(hashes(runFolder(out, name)), `${name}\n${stderr}`).toEqual(first);
  }
}

describe('every pcap, log, event and fact is the same octet for octet', () => {
  test('on another boot, and in a smaller batch', () => expectTheSame({ ROAMLAB_CACHE: cacheWithoutGuests() }));

  test('on a machine that is busy on every core', async () => {
    const done = keepBusy();
    await expectTheSame({});
    done();
  });
});

describe('ten seeds', () => {
  const facts = (name: string) => JSON.parse(readFileSync(join(runFolder(batch, name), 'facts.json'), 'utf8')) as RunFacts;
  const runs = names.slice(1);

  test('give ten different captures on every interface', () => {
    for (const file of readdirSync(join(runFolder(batch, 'run-001'), 'pcap'))) {
      const digests = runs.map((name) => hashes(runFolder(batch, name))[join('pcap', file)]);
      expect(new Set(digests).size, file).toBe(RUNS);
    }
  });

  test('give ten phases of the event: between packets, and between the ticks of the kernel', () => {
    const events = runs.map((name) => {
      const [line = ''] = readFileSync(join(runFolder(batch, name), 'events.jsonl'), 'utf8').split('\n');
      return (JSON.parse(line) as EventRecord).requested;
    });
    const ticks = events.map((t) => Math.round(t % 4e6));
    expect(new Set(ticks).size).toBe(RUNS);
    const firstPackets = runs.map((name) => {
      const [line = ''] = readFileSync(join(runFolder(batch, name), 'flows/down.jsonl'), 'utf8').split('\n');
      return (JSON.parse(line) as [number, number, number])[1];
    });
    expect(new Set(events.map((t, i) => Math.round((t - (firstPackets[i] ?? 0)) % 5e6))).size).toBe(RUNS);
  });

  test('lose different packets, and have different keys', () => {
    const received = runs.map((name) =>
      readFileSync(join(runFolder(batch, name), 'flows/up.jsonl'), 'utf8').replace(/^\[(\d+),.*$/gm, '$1'),
    );
    expect(new Set(received).size).toBeGreaterThan(RUNS / 2);
    const keys = runs.map((name) => readFileSync(join(runFolder(batch, name), 'keys/esp_sa'), 'utf8'));
    expect(new Set(keys).size).toBe(RUNS);
    expect(new Set(runs.map((name) => facts(name).seed)).size).toBe(RUNS);
  });
});

describe('replay', () => {
  test('of run 7 of the batch is identical', async () => {
    const { code, stdout, stderr } = await roamlab(['replay', batch, '--run', '7']);
    expect(stdout, stderr).toMatch(/^identical/m);
    expect(code).toBe(0);
  });

  test('points at the packet in which one stored bit was flipped', async () => {
    const copy = scratchFolder();
    mkdirSync(runFolder(copy, 'run-003'), { recursive: true });
    for (const file of ['experiment.json', 'experiment.yaml']) writeFileSync(join(copy, file), readFileSync(join(batch, file)));
    for (const file of Object.keys(hashes(runFolder(batch, 'run-003')))) {
      const to = join(runFolder(copy, 'run-003'), file);
      mkdirSync(join(to, '..'), { recursive: true });
      writeFileSync(to, readFileSync(join(runFolder(batch, 'run-003'), file)));
    }
    const file = join(runFolder(copy, 'run-003'), 'pcap/sgw-wan.pcap');
    writeFileSync(file, flipped(readFileSync(file), 100));
    const { code, stdout, stderr } = await roamlab(['replay', runFolder(copy, 'run-003'), '--json']);
    expect(code, stderr).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      identical: false,
      differs: null,
      bytes: { packets: [{ file: 'pcap/sgw-wan.pcap', number: 100 }] },
    });
  });
});

/** One bit of the last octet of the `number`th packet. */
function flipped(pcap: Buffer, number: number): Buffer {
  let at = 24;
  for (let i = 1; i < number; i++) at += 16 + pcap.readUInt32LE(at + 8);
  const last = at + 16 + pcap.readUInt32LE(at + 8) - 1;
  pcap[last] = (pcap[last] ?? 0) ^ 0x10;
  return pcap;
}
