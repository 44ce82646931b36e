/**
 * strongSwan's own scenarios of MOBIKE (its testing/tests/ikev2/mobike*) between all pairs of charons, with the checks upstream makes
 * by swanctl, ip xfrm and tcpdump: here from the run folder. Upstream looks before the event and a second after it; so do we.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MetricInput } from '../../src/metrics/index.ts';
import { traceOf } from '../../src/metrics/trace.ts';
import { wayOf } from '../../src/metrics/way.ts';
import { EXCHANGE, NOTIFY } from '../../src/pcap/index.ts';
import { loadRunFolder } from '../../src/report/index.ts';
import type { RunFacts, Summary } from '../../src/types/run.ts';
import { ROOT, roamlab } from './cli.ts';
import { parseXfrm } from './xfrm.ts';

const [ALICE1, ALICE, SUN, BOB] = ['192.168.0.50', '10.1.0.10', '192.168.0.2', '10.2.0.10'];
const CELLS = ['mn=stock,sgw=stock', 'mn=stock,sgw=patched', 'mn=patched,sgw=stock', 'mn=patched,sgw=patched'];
const BOTH_PATCHED = CELLS.slice(3);

interface Scenario {
  file: string;
  /** who alice talks to, and what the selector of that side is */
  peer: string;
  peerAddress: string;
  peerNet: string;
  /** alice's address inside the SAs, before and after */
  inner: [string, string];
  transport: boolean;
  /** cells in which nothing leaves in clear; upstream's hosts have filters that drop it */
  sealed: string[];
}

const tunnel = { peer: 'bob', peerAddress: BOB, peerNet: '10.2.0.0/16', transport: false };
const SCENARIOS: Scenario[] = [
  { file: 'mobike', ...tunnel, inner: [ALICE1, ALICE], sealed: [] },
  { file: 'mobike-virtual-ip', ...tunnel, inner: ['10.3.0.3', '10.3.0.3'], sealed: CELLS },
  {
    ...{ file: 'mobike-transport', peer: 'sun', peerAddress: SUN, peerNet: `${SUN}/32`, transport: true },
    ...{ inner: [ALICE1, ALICE], sealed: BOTH_PATCHED },
  },
];

interface Run {
  folder: string;
  input: MetricInput;
  facts: RunFacts;
  /** ns since epoch */
  t0: number;
  later: number;
}

async function load(folder: string): Promise<Run> {
  const facts = JSON.parse(readFileSync(join(folder, 'facts.json'), 'utf8')) as RunFacts;
  const t0 = facts.t0 ?? Number.NaN;
  return { folder, facts, t0, later: t0 + 1e9, input: await loadRunFolder(folder) };
}

const text = ({ folder }: Run, file: string): string => readFileSync(join(folder, file), 'utf8');
const unique = <T>(list: T[]): T[] => [...new Set(list)].sort();

/** ESP packets at the interfaces of a node, by time. */
function espAt({ input }: Run, node: string, way: 'in' | 'out') {
  const seen = input.captures
    .filter((capture) => capture.node === node)
    .flatMap((capture) => capture.packets.filter((packet) => packet.esp !== null && wayOf(packet, capture) === way));
  return seen
    .map(({ t, src, dst, esp }) => ({ t, outer: `${src} > ${dst}`, spi: esp?.spi ?? 0, seq: esp?.seq ?? 0 }))
    .sort((a, b) => a.t - b.t);
}

describe.each(SCENARIOS)('ikev2/$file', ({ file, peer, peerAddress, peerNet, inner, transport, sealed }) => {
  const out = mkdtempSync(join(tmpdir(), 'roamlab-test-'));
  const runs = new Map<string, Run>();
  const run = (cell: string): Run => runs.get(cell) as Run;

  beforeAll(async () => {
    const argv = ['run', join(ROOT, 'topologies/upstream', `${file}.yaml`), '--runs', '1', '--backend', 'vm', '--json', '--out', out];
    const { stdout, stderr } = await roamlab(argv);
    expect(stdout, stderr).not.toBe('');
    const { cells } = JSON.parse(stdout) as Summary;
    expect(cells.map(({ cell }) => cell)).toEqual(CELLS);
    for (const { cell, nullQuiet } of cells) {
      expect(nullQuiet, cell).toBe(true);
      runs.set(cell, await load(join(out, 'cells', cell, 'run-001')));
    }
  });
  afterAll(() => rmSync(out, { recursive: true, force: true }));

  test.each(CELLS)('%s: only what has no policy while alice moves may leave in clear', (cell) => {
    const failed = run(cell).facts.gates.filter(({ ok, severity }) => !ok && severity === 'invalid');
    expect(failed.map(({ name }) => name)).toEqual(sealed.includes(cell) ? [] : ['cleartext']);
    const log = text(run(cell), 'log/charon-alice.log');
    expect(log.includes('peer supports MOBIKE-X')).toBe(BOTH_PATCHED.includes(cell));
  });

  test.each(CELLS)('%s: ESP leaves and arrives with alice’s address on eth1, then with that on eth0', (cell) => {
    const { t0, later } = run(cell);
    for (const [node, way, to] of [
      ['alice', 'out', 'sun'],
      ['sun', 'in', 'sun'],
      ['sun', 'out', 'alice'],
      ['alice', 'in', 'alice'],
    ] as const) {
      const esp = espAt(run(cell), node, way);
      const outer = (alice: string) => (to === 'sun' ? `${alice} > ${SUN}` : `${SUN} > ${alice}`);
      expect(unique(esp.filter(({ t }) => t < t0).map((p) => p.outer)), `${node} ${way}`).toEqual([outer(ALICE1)]);
      expect(unique(esp.filter(({ t }) => t > later).map((p) => p.outer)), `${node} ${way}`).toEqual([outer(ALICE)]);
    }
  });

  test.each(CELLS)('%s: the same two SAs go on, their sequence numbers too', (cell) => {
    const { facts } = run(cell);
    const states = (node: string) => parseXfrm(text(run(cell), `log/xfrm-${node}.txt`)).states;
    for (const [from, to, flow] of [
      ['alice', 'sun', 'up'],
      ['sun', 'alice', 'down'],
    ] as const) {
      const sent = espAt(run(cell), from, 'out');
      const [spi, ...others] = unique(sent.map((p) => p.spi));
      expect(others).toEqual([]);
      expect(sent[0]?.seq).toBe(1);
      const steps = sent.map(({ seq }, i) => seq - (sent[i - 1]?.seq ?? 0));
      expect(Math.min(...steps)).toBe(1);
      const missing = steps.reduce((sum, step) => sum + step - 1, 0);
      expect(missing, `${from}: numbers given to packets that never left`).toBeLessThanOrEqual(facts.flows[flow]?.lost ?? 0);
      expect(states(from).find((state) => state.spi === spi)).toMatchObject({ oseq: sent.at(-1)?.seq, seq: 0 });
      expect(states(to).find((state) => state.spi === spi)).toMatchObject({ oseq: 0, seq: sent.at(-1)?.seq });
    }
    expect([states('alice').length, states('sun').length]).toEqual([2, 2]);
  });

  test.each(CELLS)('%s: alice moves with INFORMATIONAL exchanges from port 4500, nothing is negotiated anew', (cell) => {
    const { input, t0 } = run(cell);
    const after = traceOf(input).ike.filter(({ t }) => t > t0);
    expect(unique(after.map(({ ike }) => ike.exchange))).toEqual([EXCHANGE.INFORMATIONAL]);
    const updates = after.filter(({ node, ike }) => node === 'sun' && ike.notifies.some(({ type }) => type === NOTIFY.UPDATE_SA_ADDRESSES));
    const ways = updates.map(({ outer }) => `${outer.src}:${outer.srcPort} > ${outer.dst}:${outer.dstPort}`);
    expect(unique(ways)).toEqual([`${ALICE}:4500 > ${SUN}:4500`]);
  });

  test.each(CELLS)('%s: selectors as charon negotiated them, and as the kernels hold them at the end', (cell) => {
    const [before, now] = inner.map((address) => `${address}/32`);
    expect(text(run(cell), 'log/charon-alice.log')).toContain(` and TS ${before} === ${peerNet}\n`);
    expect(text(run(cell), 'log/charon-sun.log')).toContain(` and TS ${peerNet} === ${before}\n`);
    const there = { selector: `${now} > ${peerNet}`, outer: `${ALICE} > ${SUN}` };
    const back = { selector: `${peerNet} > ${now}`, outer: `${SUN} > ${ALICE}` };
    for (const [node, sends, receives] of [
      ['alice', there, back],
      ['sun', back, there],
    ] as const) {
      const { policies, states } = parseXfrm(text(run(cell), `log/xfrm-${node}.txt`));
      const protecting = policies.filter(({ template }) => template !== null);
      for (const { src, dst, dir, template } of protecting) {
        const { selector, outer } = dir === 'out' ? sends : receives;
        expect(`${src} > ${dst}`, `${node} ${dir}`).toBe(selector);
        // MOBIKE-X: SAs of several paths share an inbound policy
        const anySource = dir !== 'out' && BOTH_PATCHED.includes(cell);
        expect(template, `${node} ${dir}`).toBe(transport ? '0.0.0.0 > 0.0.0.0' : anySource ? outer.replace(/^\S+/, '0.0.0.0') : outer);
      }
      expect(unique(protecting.map(({ dir }) => dir))).toEqual(transport ? ['in', 'out'] : ['fwd', 'in', 'out']);
      const held = states.map(({ outer, selector }) => ({ outer, selector }));
      expect(held).toHaveLength(2);
      for (const { selector, outer } of [there, back]) expect(held).toContainEqual({ outer, selector: transport ? selector : null });
    }
  });

  test.each(CELLS)('%s: alice and $peer hear each other before and after', (cell) => {
    const { input, t0, later } = run(cell);
    const { flows } = traceOf(input);
    const heard = (flow: string, node: string, during: (t: number) => boolean) => {
      const seen = (flows.get(flow) ?? []).filter((s) => s.node === node && s.way === 'in' && during(s.t));
      // in transport mode nothing is seen but ESP; in tunnel mode bob's link has none
      return unique(seen.filter((s) => s.sealed === (transport || node === 'alice')).map((s) => `${s.inner.src} > ${s.inner.dst}`));
    };
    for (const [address, during] of [
      [inner[0], (t: number) => t < t0],
      [inner[1], (t: number) => t > later],
    ] as const) {
      expect(heard('up', peer, during)).toEqual([`${address} > ${peerAddress}`]);
      expect(heard('down', 'alice', during)).toEqual([`${peerAddress} > ${address}`]);
    }
  });

  test.each(CELLS)('%s: the kernels’ tables are kept without keys', (cell) => {
    const keys = text(run(cell), 'keys/esp_sa').match(/[0-9a-f]{32,}/gi) ?? [];
    expect(keys.length).toBe(4);
    for (const node of ['alice', 'sun']) {
      const tables = text(run(cell), `log/xfrm-${node}.txt`).toLowerCase();
      for (const key of keys) expect(tables).not.toContain(key.toLowerCase());
    }
  });
});
