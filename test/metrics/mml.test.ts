import { describe, expect, it } from 'vitest';
import { analyseRun } from '../../src/metrics/index.ts';
import type { CellExperiment, MmlTunnel } from '../../src/types/experiment.ts';
import type { HelperStatistics } from '../../src/types/helper.ts';
import type { RunRecord } from '../../src/types/run.ts';
import { MAC, ms, packet } from './build.ts';
import { BULK, HA, HOME, inIp, MINE, mmlCell, SIZE, segment, THEIRS, TUNNEL, transfer } from './mml.ts';

const gate = (facts: ReturnType<typeof analyseRun>, name: string) => facts.gates.find((one) => one.name === name)!;
const plain = (fields: Partial<MmlTunnel> = {}): MmlTunnel => ({
  ...TUNNEL,
  dynamic: { everyNth: 3, otherwise: 'plain', perFlow: [] },
  ...fields,
});

describe('a bulk flow in the ESP helper’s tunnel', () => {
  it('is valid without a timeline, and read once: on the tunnel’s interface, not on the wire too', () => {
    const facts = analyseRun(transfer().input);
    expect(facts.gates.filter(({ ok }) => !ok)).toEqual([]);
    expect(facts.valid).toBe(true);
    expect(facts.flows.bulk).toMatchObject({ received: 301, duplicated: 0 });
    expect(gate(facts, 'decrypted').detail).toBe(`0 IKE messages, ${4 * 302} ESP packets`);
    expect(gate(facts, 'handover').detail).toBe('the cell has no event');
    expect(gate(facts, 'cleartext').detail).toBe('none');
  });

  it('has goodput from the first octet of user data on, not counting what the generator says before', () => {
    const facts = analyseRun(transfer().input);
    // 5 ms of the way: the last segment arrives at 3995 ms, in time
    expect(facts.metrics['goodput.bulk']).toBeCloseTo((300 * SIZE * 8) / 3, 6);
    expect(facts.metrics['retransmitted.bulk']).toBe(0);
    expect(facts.metrics['cwnd.bulk']).toBeNull();
    expect(facts.notes).toContain('cwnd.bulk: iperf3 does not say');
  });

  it('counts what was sent again, and what waits for it only when it can be read; numbers wrap', () => {
    const lost = [100, 101, 290];
    const facts = analyseRun(transfer({ lost, origin: 0xffff_ffff - 50_000 }).input);
    expect(facts.metrics['retransmitted.bulk']).toBe(2);
    // the third is sent again after the flow's time: what follows it cannot be read
    expect(facts.metrics['goodput.bulk']).toBeCloseTo((290 * SIZE * 8) / 3, 6);
    expect(facts.flows.bulk!.series!.octets.at(-1)).toBe(300 * SIZE);
  });

  it('is read on the wire where the tunnel’s interfaces are not captured', () => {
    const { input } = transfer();
    const facts = analyseRun({ ...input, captures: input.captures.filter((capture) => capture.interface !== 's2s') });
    expect(facts.gates.filter(({ ok }) => !ok)).toEqual([]);
    expect(facts.metrics['goodput.bulk']).toBeCloseTo((300 * SIZE * 8) / 3, 6);
  });

  it('is invalid where ESP could not be read', () => {
    const { input, tap } = transfer();
    for (const seen of tap('nets', 'wl0').slice(0, 3)) seen.esp = { ...seen.esp!, inner: null };
    expect(gate(analyseRun(input), 'decrypted').detail).toBe(`not decrypted: 3 of ${4 * 302} ESP packets`);
    const authenticated = { ...TUNNEL, suite: 'aes128-gcm16' };
    const facts = analyseRun(transfer({ cell: mmlCell({ mml: [authenticated] }) }).input);
    expect(gate(facts, 'decrypted').detail).toBe(`not decrypted: ${4 * 302} of ${4 * 302} ESP packets`);
  });
});

describe('in clear', () => {
  it('a packet outside of the tunnel is a leak', () => {
    const { input, tap } = transfer();
    tap('mets', 'eth0').push({ ...segment(ms(2000.1), 9_000_000), srcMac: MAC.sgw, dstMac: MAC.gw });
    const facts = analyseRun(input);
    expect(gate(facts, 'cleartext')).toMatchObject({ ok: false, detail: `1 packets ${THEIRS} > ${MINE} protocol 6 left mets:eth0` });
  });

  it('IP in IP is one as long as nobody agreed on it, whatever is inside', () => {
    const { input, tap } = transfer({
      wrap: (inner, seq) =>
        seq % 100 === 0
          ? inIp(inner)
          : packet(inner.t, { src: HA, dst: HOME, protocol: 50, esp: { spi: 1, seq, udpEncap: false, inner, authenticated: false } }),
    });
    tap('tlp1', 'wl0').push(packet(ms(2000), { src: HOME, dst: HA, protocol: 4, srcMac: MAC.mn0, dstMac: MAC.mn1 }));
    const facts = analyseRun(input);
    expect(gate(facts, 'cleartext')).toMatchObject({ ok: false });
    expect(gate(facts, 'cleartext').detail).toBe(
      `3 packets ${HA} > ${HOME} IP in IP left mets:eth0; 1 packets ${HOME} > ${HA} IP in IP left tlp1:wl0; 3 packets flow bulk arrived in clear at tlp1:wl0`,
    );
  });

  it('and by intent, and counted, once they did', () => {
    const wrap = transferWrap();
    for (const mml of [plain(), plain({ dynamic: { everyNth: 1, otherwise: 'ipsec', perFlow: [{ port: 7000, mode: 'plain' }] } })]) {
      const facts = analyseRun(transfer({ cell: mmlCell({ mml: [mml] }), wrap }).input);
      expect(gate(facts, 'cleartext')).toMatchObject({ ok: true, detail: 'none; 202 packets of s2s left in clear, as its ends agreed' });
      expect(facts.metrics['goodput.bulk']).toBeCloseTo((300 * SIZE * 8) / 3, 6);
      expect(facts.valid).toBe(true);
    }
    const never = plain({ dynamic: { everyNth: 3, otherwise: 'ipsec', perFlow: [{ port: 7000, mode: 'mml' }] } });
    expect(analyseRun(transfer({ cell: mmlCell({ mml: [never] }), wrap }).input).valid).toBe(false);
  });
});

function transferWrap() {
  return (inner: ReturnType<typeof segment>, seq: number) =>
    seq % 3 === 0
      ? packet(inner.t, { src: HA, dst: HOME, protocol: 50, esp: { spi: 1, seq, udpEncap: false, inner, authenticated: false } })
      : inIp(inner);
}

describe('what iperf3 says', () => {
  const intervals = Array.from({ length: 30 }, (_, k) => ({ start: k / 10, end: (k + 1) / 10, cwnd: k < 15 ? 2000 : 8000, offered: 6000 }));
  const received = { bitsPerSecond: 0.8e6, seconds: 3, block: 1000 };

  it('is the congestion window, in segments, over time and in the mean', () => {
    const facts = analyseRun(transfer({ bulk: { mss: 1000, received, intervals } }).input);
    expect(facts.metrics['cwnd.bulk']).toBeCloseTo(5, 9);
    expect(facts.metrics['cwnd.bulk.usable']).toBeCloseTo(4, 9);
    const { start, step, octets, cwnd } = facts.flows.bulk!.series!;
    expect([start, step, octets.length]).toEqual([ms(1000), 0.1, 30]);
    // segments leave at 0, 10, ... ms: eleven until the end of the first step
    expect(octets.slice(0, 3)).toEqual([11_000, 21_000, 31_000]);
    expect([cwnd[0], cwnd[14], cwnd[15], cwnd[29]]).toEqual([2, 2, 8, 8]);
  });

  it('is held against the capture, in the same seconds', () => {
    const facts = analyseRun(transfer({ bulk: { mss: 1000, received, intervals } }).input);
    expect(gate(facts, 'goodput')).toEqual({
      ...{ name: 'goodput', ok: true, severity: 'warning' },
      detail: "bulk: 0.800 Mbit/s by the capture, 0.800 by iperf3's receiver (0.0 % apart)",
    });
    const wrong = analyseRun(transfer({ bulk: { mss: 1000, received: { ...received, bitsPerSecond: 0.78e6 }, intervals } }).input);
    expect(gate(wrong, 'goodput')).toMatchObject({ ok: false, severity: 'warning' });
    expect(wrong.valid).toBe(true);
    // iperf3's receiver has not read its last block
    const block = analyseRun(
      transfer({ bulk: { mss: 1000, received: { bitsPerSecond: 0.78e6, seconds: 3, block: 8000 }, intervals } }).input,
    );
    expect(gate(block, 'goodput')).toMatchObject({ ok: true });
    expect(gate(block, 'goodput').detail).toContain('(2.5 % apart, with one of its blocks allowed for)');
    expect(analyseRun(transfer().input).gates.some(({ name }) => name === 'goodput')).toBe(false);
  });

  it('may be nothing', () => {
    const facts = analyseRun(transfer({ bulk: { problem: 'iperf3 wrote no report', mss: null, received: null, intervals: [] } }).input);
    expect(facts.notes).toContain('cwnd.bulk: iperf3 wrote no report');
    expect(facts.flows.bulk!.series!.cwnd.every((value) => value === null)).toBe(true);
  });

  it('makes at most 600 steps of a long flow', () => {
    const { input } = transfer();
    const { series } = analyseRun({ ...input, cell: mmlCell({ duration: 86_400 }) }).flows.bulk!;
    expect(series!.octets.length).toBeLessThanOrEqual(600);
  });
});

describe('what helpers and bit errors say', () => {
  const statistics: HelperStatistics = {
    tunnels: {},
    agent: { forwarded: 300, opened: 300, passed: 0, refused: {}, suppressed: 7, retransmitted: 2, snoop: {} },
    stages: { 'open zone 1': { packets: 300, total: 0.0009, median: 2e-6, max: 1e-3 }, idle: { packets: 0, total: 0, median: 0, max: 0 } },
  };
  const nodes = mmlCell().nodes.map((node) => (node.name === 'nets' ? { ...node, snoop: { wireless: 'wl0' } as never } : node));

  it('are metrics and notes of the run', () => {
    const { input, tap } = transfer({ cell: mmlCell({ nodes }) });
    tap('nets', 'wl0').push(...tap('nets', 'wl0').slice(-2));
    const facts = analyseRun({
      ...input,
      run: { ...input.run, helpers: { nets: statistics }, bitErrors: { 'tlp1:wl0': { passed: 290, dropped: 10 } } },
    });
    expect(facts.metrics).toMatchObject({ 'retransmitted.SNOOP.nets': 2, 'stages.nets.open zone 1': 3e-6, 'stages.nets.idle': null });
    expect(facts.notes).toEqual(
      expect.arrayContaining([
        'bit errors at tlp1:wl0: 10 of 300 packets lost (3.33 %)',
        'SNOOP at nets sent 2 packets again and kept back 7 acknowledgements; 2 copies of ESP packets left nets:wl0',
        'stages.nets.idle: no packet',
      ]),
    );
  });

  describe('is held against the file', () => {
    const counts = { packets: 300, innerOctets: 1, wireOctets: 1, byMode: {}, refused: {} };
    const end = { tunnels: { s2s: { out: counts, in: counts } }, agent: null, stages: {} };
    const noisy = mmlCell({
      nodes,
      links: [
        {
          ends: [
            { node: 'nets', interface: 'wl0' },
            { node: 'tlp1', interface: 'wl0' },
          ],
          bitErrors: { ber: 1e-6, seed: null },
        } as never,
      ],
    });
    const agent = (snoop: Record<string, number>, refused = {}) => ({ ...statistics, agent: { ...statistics.agent!, snoop, refused } });
    const all = { 'nets:wl0': { passed: 0, dropped: 0 }, 'tlp1:wl0': { passed: 302, dropped: 3 } };
    const judged = (of: CellExperiment, helpers: Record<string, HelperStatistics>, bitErrors?: RunRecord['bitErrors']) => {
      const { input } = transfer({ cell: of });
      return gate(analyseRun({ ...input, run: { ...input.run, helpers, ...(bitErrors && { bitErrors }) } }), 'helpers');
    };
    const fine = { nets: agent({ data: 300 }, { replayed: 3 }), tlp1: end };

    it('what is as it says', () => {
      expect(judged(noisy, fine, all)).toEqual({ name: 'helpers', ok: true, severity: 'warning', detail: 'nothing lost or refused' });
    });

    it('SNOOP that saw nothing', () => {
      const blind = { ...fine, nets: agent({ data: 0 }) };
      expect(judged(noisy, blind, all)).toMatchObject({
        ok: false,
        severity: 'invalid',
        detail: 'SNOOP at nets saw no data of any connection',
      });
    });

    it('what arrived past the bit errors, or without any', () => {
      const past = { ...all, 'tlp1:wl0': { passed: 300, dropped: 3 } };
      expect(judged(noisy, fine, past)).toMatchObject({ severity: 'invalid', detail: '2 packets arrived at tlp1:wl0 past its bit errors' });
      expect(judged(noisy, fine)).toMatchObject({ severity: 'invalid', detail: 'no bit errors at nets:wl0; no bit errors at tlp1:wl0' });
    });

    it('losses of its own, which are not the radio’s', () => {
      const full = { ...fine, tlp1: { ...end, tunnels: { s2s: { out: counts, in: { ...counts, refused: { 'queue-full': 4 } } } } } };
      const detail = 'the helper of tlp1, s2s in had no room for 4 packets (queue-full)';
      expect(judged(noisy, full, all)).toMatchObject({ ok: false, severity: 'invalid', detail });
      expect(judged(mmlCell({ nodes }), full)).toMatchObject({ ok: false, severity: 'warning', detail });
    });

    it('what it refused', () => {
      const broken = { ...fine, nets: agent({ data: 300 }, { 'bad-icv': 2 }) };
      expect(judged(noisy, broken, all)).toMatchObject({
        ...{ ok: false, severity: 'warning', detail: 'the helper of nets, zone 1 refused 2 packets (bad-icv)' },
      });
    });
  });

  it('how many packets dynamic mode protected', () => {
    const none = { packets: 0, innerOctets: 0, wireOctets: 0, byMode: {}, refused: {} };
    const out = { ...none, packets: 300, byMode: { plain: 200, ipsec: 0, mml: 100 } };
    const mets = { tunnels: { s2s: { out, in: none } }, agent: null, stages: {} };
    const notes = (tunnel: MmlTunnel) => {
      const { input } = transfer({ cell: mmlCell({ mml: [tunnel] }) });
      return analyseRun({ ...input, run: { ...input.run, helpers: { mets } } }).notes;
    };
    expect(notes(plain())).toContain('mets sent 300 packets of s2s: 200 plain, 100 mml');
    expect(notes(TUNNEL).some((note) => note.includes('mets sent'))).toBe(false);
  });

  it('stages only where they were asked for', () => {
    const { input } = transfer({ cell: mmlCell({ nodes, measure: ['goodput'] }) });
    const facts = analyseRun({ ...input, run: { ...input.run, helpers: { nets: statistics } } });
    expect(Object.keys(facts.metrics).filter((name) => name.startsWith('stages'))).toEqual([]);
  });
});

it('a tcp flow in clear has goodput too', () => {
  const clear = { ...BULK, protectedBy: null };
  const facts = analyseRun(transfer({ cell: mmlCell({ mml: [], flows: [clear] }), wrap: (inner) => inner }).input);
  expect(facts.valid).toBe(true);
  expect(facts.metrics['goodput.bulk']).toBeCloseTo((300 * SIZE * 8) / 3, 6);
});
