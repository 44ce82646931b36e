/** Associations of the kernel's SCTP, and what stands beside them, through real handovers: the shipped experiments with fewer cells. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadKeys, readPackets } from '../../src/pcap/index.ts';
import type { RunFacts, Summary } from '../../src/types/run.ts';
import { ourRows, theirRows } from '../pcap/sctp-fields.ts';
import { ROOT, roamlab, scratchFolder } from './cli.ts';

/** Runs a shipped experiment of which each `[text, replacement]` cuts something away. */
async function carryOut(name: string, ...cuts: [text: string | RegExp, replacement: string][]): Promise<{ out: string; summary: Summary }> {
  const folder = scratchFolder();
  const file = join(folder, `${name}.yaml`);
  let yaml = readFileSync(join(ROOT, 'topologies/e2e', `${name}.yaml`), 'utf8');
  for (const [text, replacement] of cuts) {
    const cut = yaml.replace(text, replacement);
    expect(cut, `${text} is not in ${name}.yaml`).not.toBe(yaml);
    yaml = cut;
  }
  writeFileSync(file, yaml);
  const out = join(folder, 'out');
  const { code, stdout, stderr } = await roamlab(['run', file, '--runs', '1', '--json', '--out', out]);
  expect(code, stderr + stdout).toBe(0);
  return { out, summary: JSON.parse(stdout) as Summary };
}

const runFolder = (out: string, cell: string) => join(out, 'cells', cell, 'run-001');
const factsOf = (out: string, cell: string) => JSON.parse(readFileSync(join(runFolder(out, cell), 'facts.json'), 'utf8')) as RunFacts;
const lines = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

/** Both decoders on every packet of SCTP in one capture; how many there were. */
async function compareWithTshark(folder: string, capture: string, sealed: boolean): Promise<number> {
  const path = join(folder, 'pcap', capture);
  const { packets } = await readPackets(path, { keys: await loadKeys(folder) });
  const ours = ourRows(packets);
  expect(ours).toEqual(theirRows(path, sealed ? lines(join(folder, 'keys/esp_sa')) : []));
  if (sealed) expect(packets.some(({ esp }) => esp?.inner?.sctp)).toBe(true);
  return ours.length;
}

const ONE_ACCESS: [string, string] = ['[lab-ethernet, public-hotspot]', '[public-hotspot]'];
const SHORT: [string, string] = ['duration: 6s', 'duration: 4s'];

describe('the primary interface goes down under an association', () => {
  test('in five configurations: each hands over, and its numbers hold together', async () => {
    const { out, summary } = await carryOut('sctp-multihoming', ONE_ACCESS, SHORT);
    expect(summary.cells.map(({ cell, valid }) => [cell.split('security=')[1], valid])).toEqual([
      ['none', 1],
      ['esp-transport', 1],
      ['esp-tunnel', 1],
      ['null-transport', 1],
      ['null-tunnel', 1],
    ]);
    const round = 0.015;
    const established = summary.cells.map(({ cell }) => factsOf(out, cell).metrics.T_SCTP ?? Number.NaN);
    for (const [i, { cell }] of summary.cells.entries()) {
      const facts = factsOf(out, cell);
      // RFC 9260 section 5.1: two round trips
      expect(established[i]! - 2 * round, cell).toBeGreaterThan(0);
      expect(established[i]! - 2 * round, cell).toBeLessThan(0.001);
      expect(facts.metrics.T_SYS, cell).toBeGreaterThan(0);
      expect(facts.flows.data, cell).toMatchObject({ lost: 0, outage: 'outage' });
      const log = lines(join(runFolder(out, cell), 'flows/data.jsonl'));
      expect(facts.flows.data!.throughput!.octets.reduce((sum, octets) => sum + octets, 0)).toBe(log.length * 500);
      expect(log.length).toBe(2000);
    }
    for (const secured of established.slice(1)) expect(secured).toBeGreaterThan(established[0]!);
    expect(summary.comparisons?.some(({ metric, difference }) => metric === 'T_SCTP' && Number.isFinite(difference))).toBe(true);

    // the other decoder, on captures in clear, in transport and in tunnel mode
    const cellOf = (security: string) => summary.cells.find(({ cell }) => cell.endsWith(`=${security}`))!.cell;
    expect(await compareWithTshark(runFolder(out, cellOf('none')), 'server-eth0.pcap', false)).toBeGreaterThan(2000);
    expect(await compareWithTshark(runFolder(out, cellOf('esp-transport')), 'server-eth0.pcap', true)).toBeGreaterThan(2000);
    expect(await compareWithTshark(runFolder(out, cellOf('esp-tunnel')), 'mn-eth1.pcap', true)).toBeGreaterThan(500);

    const again = await roamlab(['replay', out, '--run', '1', '--cell', cellOf('esp-tunnel')]);
    expect(again.stdout, again.stderr).toMatch(/^identical/);
  });

  test('an address announced and made primary before: nothing is sent twice and nothing waits; without it there is a stall', async () => {
    const { out } = await carryOut('sctp-asconf', ['security: [none, esp-transport]', 'security: [esp-transport]'], SHORT);
    const soft = factsOf(out, 'handover=asconf,security=esp-transport');
    expect(soft.valid).toBe(true);
    expect(soft.flows.soft).toMatchObject({ lost: 0, duplicated: 0, outage: 'quiet' });
    expect(soft.metrics['retransmitted.soft']).toBe(0);
    expect(soft.metrics['T_STALLED.soft']).toBeLessThan(0.006);
    const hard = factsOf(out, 'handover=failover,security=esp-transport');
    expect(hard.valid).toBe(true);
    expect(hard.metrics['T_STALLED.hard']).toBeGreaterThan(0.5);
    expect(hard.metrics['retransmitted.hard']).toBeGreaterThan(0);
    expect(await compareWithTshark(runFolder(out, 'handover=asconf,security=esp-transport'), 'server-eth0.pcap', true)).toBeGreaterThan(
      1500,
    );
  });

  test('dormant SAs that are paths of one IKE_SA', async () => {
    const { out, summary } = await carryOut('sctp-paths', ['[pinned, mobikex]', '[mobikex]'], [/ {2}path\d: .*\n/g, '']);
    expect(summary.cells[0]).toMatchObject({ valid: 1, invalid: [] });
    expect(factsOf(out, 'dormant=mobikex').metrics['T_STALLED.data']).toBeLessThan(0.5);
  });
});

test('beyond the paper: SCTP and MPTCP in a WireGuard tunnel that moves', async () => {
  const cells: [string, string] = ['[none, esp-transport, esp-tunnel, wireguard]', '[wireguard]'];
  const { out, summary } = await carryOut('sctp-beyond', cells, SHORT, [/ {2}path2: .*\n/, '']);
  for (const { cell, valid } of summary.cells) {
    expect(valid, cell).toBe(1);
    const facts = factsOf(out, cell);
    expect(facts.metrics['T_STALLED.data'], cell).toBeLessThan(1);
    expect(facts.flows.data!.received, cell).toBeGreaterThan(1500);
  }
  expect(await compareWithTshark(runFolder(out, 'transport=sctp,security=wireguard'), 'server-path1.pcap', false)).toBeGreaterThan(2000);
});

test('instructions per packet: the same in two invocations; a header more to encrypt costs more', async () => {
  const cut: [string, string] = [
    'security: [none, esp-transport, esp-tunnel, null-transport, null-tunnel]',
    'security: [none, esp-transport, esp-tunnel]',
  ];
  const [first, second] = [await carryOut('cpu-end-to-end', cut), await carryOut('cpu-end-to-end', cut)];
  const values = ({ cells }: Summary) =>
    cells.map(({ cell, valid, metrics }) => [cell, valid, metrics.map(({ metric, values: v }) => [metric, v])]);
  expect(values(second.summary)).toEqual(values(first.summary));
  const sending = (cell: string, payload: string) => factsOf(first.out, cell).metrics[`CPU.mn.${payload}`] ?? Number.NaN;
  for (const payload of ['p60', 'p180', 'p512', 'p1400']) {
    expect(sending('security=none', payload)).toBeGreaterThan(0);
    expect(sending('security=esp-transport', payload)).toBeGreaterThan(sending('security=none', payload));
    expect(sending('security=esp-tunnel', payload)).toBeGreaterThan(sending('security=esp-transport', payload));
  }
});
