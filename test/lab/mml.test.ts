/** Tunnels of the ESP helper through the real `run`, in the guest: zones with an agent and SNOOP, dynamic mode, ordinary ESP; with bit errors. */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runExperiment } from '../../src/experiment/index.ts';
import type { CsaKeys } from '../../src/types/keys.ts';
import type { RunFacts, RunRecord } from '../../src/types/run.ts';
import { ROOT, roamlab, scratchFolder } from './cli.ts';
import { hashes } from './files.ts';

const MML = join(ROOT, 'test/lab/mml.yaml');
const CONFIGS = ['zones', 'dynamic', 'esp'] as const;
type Config = (typeof CONFIGS)[number];
/** of the tunnel of each cell */
const NAMES: Record<Config, string> = { zones: 'zones', dynamic: 'mixed', esp: 'one' };
const RUNS = [1, 2];

const batch = join(tmpdir(), `roamlab-test-mml-${process.pid}`);
const folder = (config: Config, run: number, results = batch) => join(results, `cells/config=${config}/run-00${run}`);
const read = <T>(config: Config, run: number, file: string) => JSON.parse(readFileSync(join(folder(config, run), file), 'utf8')) as T;
const record = (config: Config, run: number) => read<RunRecord>(config, run, 'run.json');
const all = CONFIGS.flatMap((config) => RUNS.map((run) => [config, run] as const));

beforeAll(async () => {
  const { stderr } = await roamlab(['run', MML, '--clock', 'virtual', '--runs', String(RUNS.length), '--out', batch]);
  for (const [config, run] of all) expect(existsSync(folder(config, run)), stderr).toBe(true);
});
afterAll(() => rmSync(batch, { recursive: true, force: true }));

const sum = (counts: Record<string, number> = {}): number => Object.values(counts).reduce((total, n) => total + n, 0);

/** Packets by what became of them. */
function packets(config: Config, run: number) {
  const { helpers = {}, bitErrors = {} } = record(config, run);
  const { out: sealedDown, in: openedUp } = helpers.ha!.tunnels[NAMES[config]]!;
  const { out: sealedUp, in: openedDown } = helpers.mn!.tunnels[NAMES[config]]!;
  const wireless = { down: bitErrors['mn:wl0']!, up: bitErrors['fa:wl0']! };
  return { sealedDown, sealedUp, openedDown, openedUp, wireless, agent: helpers.fa?.agent ?? null };
}

test.each(all)('%s, run %i: valid, and there is something to measure', (config, run) => {
  const { gates, valid, metrics } = read<RunFacts>(config, run, 'facts.json');
  expect(
    gates.filter(({ ok }) => !ok),
    JSON.stringify(gates),
  ).toEqual([]);
  expect(valid).toBe(true);
  expect(metrics['goodput.bulk']).toBeGreaterThan(0.4e6);
  expect(metrics['goodput.bulk']).toBeLessThan(1.45e6);
});

describe('every packet is accounted for', () => {
  test.each(all)('%s, run %i: downwards', (config, run) => {
    const { sealedDown, openedDown, wireless, agent } = packets(config, run);
    const repeated = agent?.retransmitted ?? 0;
    expect(wireless.down.dropped).toBeGreaterThan(0);
    expect(openedDown.packets + sum(openedDown.refused)).toBe(sealedDown.packets + repeated - wireless.down.dropped);
    // of the kernel's own there is next to nothing
    expect(wireless.down.passed + wireless.down.dropped - sealedDown.packets - repeated).toBeLessThan(5);
  });

  test.each(all)('%s, run %i: upwards', (config, run) => {
    const { sealedUp, openedUp, wireless, agent } = packets(config, run);
    expect(openedUp.packets + sum(openedUp.refused)).toBe(sealedUp.packets - wireless.up.dropped - (agent?.suppressed ?? 0));
    expect(sum(openedUp.refused)).toBe(0);
  });

  test.each(RUNS)('zones, run %i: the agent opened each, and dropped what SNOOP kept from the sender', (run) => {
    const { sealedDown, sealedUp, wireless, agent } = packets('zones', run);
    const arrived = sealedDown.packets + sealedUp.packets - wireless.up.dropped;
    expect(agent).toMatchObject({ opened: arrived, passed: 0, refused: {} });
    expect(agent!.forwarded + agent!.suppressed).toBe(arrived);
    expect(agent!.retransmitted).toBeGreaterThan(0);
    expect(agent!.snoop!.cached).toBeGreaterThan(100);
  });

  test.each(RUNS)('dynamic, run %i: every second packet in zones, the others plain', (run) => {
    for (const { byMode } of [packets('dynamic', run).sealedDown, packets('dynamic', run).sealedUp]) {
      expect(Math.abs((byMode.mml ?? 0) - (byMode.plain ?? 0))).toBeLessThan(10);
    }
  });
});

describe('what a run leaves', () => {
  test.each(all)('%s, run %i: keys of both directions, for nobody else to read', (config, run) => {
    const file = join(folder(config, run), 'keys/csa.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const csas = read<CsaKeys[]>(config, run, 'keys/csa.json');
    expect(csas.map(({ sas }) => sas.length)).toEqual({ zones: [2, 2], dynamic: [2, 2, 1, 1], esp: [1, 1] }[config]);
    const spis = csas.flatMap(({ sas }) => sas.map((sa) => sa!.spi));
    expect(new Set(spis).size).toBe(spis.length);
    const table = join(folder(config, run), 'keys/esp_sa');
    const lines = existsSync(table) ? readFileSync(table, 'utf8').trim().split('\n') : [];
    expect(lines).toHaveLength({ zones: 0, dynamic: 2, esp: 2 }[config]);
  });

  test.each(all)('%s, run %i: iperf3’s word on every tenth of a second, and no key in any log', (config, run) => {
    const { intervals } = read<{ intervals: { streams: { snd_cwnd: number }[] }[] }>(config, run, 'flows/bulk.iperf3.json');
    expect(intervals).toHaveLength(30);
    for (const { streams } of intervals) expect(streams[0]!.snd_cwnd).toBeGreaterThan(0);
    const log = readFileSync(join(folder(config, run), 'commands.log'), 'utf8');
    for (const { sas } of read<CsaKeys[]>(config, run, 'keys/csa.json'))
      for (const sa of sas) expect(log).not.toContain(sa!.material.slice(0, 16));
  });
});

test('the same seed gives the same octets in every file, another one others', async () => {
  const again = join(scratchFolder(), 'again');
  const { stderr } = await roamlab(['run', MML, '--clock', 'virtual', '--runs', '1', '--out', again]);
  for (const config of CONFIGS) {
    const first = hashes(folder(config, 1));
    expect(Object.keys(first).length, stderr).toBeGreaterThan(8);
    expect(hashes(folder(config, 1, again)), `${config}\n${stderr}`).toEqual(first);
    const other = hashes(folder(config, 2));
    for (const file of Object.keys(first).filter((name) => /pcap$|csa.json$/.test(name))) expect(other[file], file).not.toBe(first[file]);
  }
});

test('a helper that is lost fails the run, and the record says which', async () => {
  const here = scratchFolder();
  const yaml = readFileSync(MML, 'utf8').replace('config: [zones, dynamic, esp]', 'config: [zones]').replace('[zones, dynamic]', 'zones');
  const file = join(here, 'mml.yaml');
  writeFileSync(file, yaml.replace(/^ {2}mixed:[\s\S]*?otherwise: plain \}\n/m, '').replace(/^ {2}one:.*\n/m, ''));
  const out = join(here, 'out');
  const guest = { main: join(import.meta.dirname, 'guest/lost-helper.ts') };
  await runExperiment(file, { backend: 'vm', clock: 'virtual', runs: 1, out, guest });
  const { error } = JSON.parse(readFileSync(join(folder('zones', 1, out), 'run.json'), 'utf8')) as RunRecord;
  expect(error).toMatch(/the helper of (ha|fa|mn) ended: no message/);
});
