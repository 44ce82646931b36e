/** The agent on a pipe instead of a TUN interface: what it does with data, duplicates and losses, in zones and in clear. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ipv4 } from '../../src/helper/address.ts';
import { AgentStation } from '../../src/helper/agent/station.ts';
import { makeCsa } from '../../src/helper/csa.ts';
import { BACK, tcpPacket } from '../../src/helper/warm-up/material.ts';
import { close } from '../../src/host/libc.ts';
import { openPair, receivePacket, writePacket } from '../../src/host/raw-socket.ts';
import { internetChecksum } from '../../src/mlipsec/checksum.ts';
import { type Csa, seal, writeOuter } from '../../src/mlipsec/index.ts';
import type { AgentStatistics, HelperAgent } from '../../src/types/helper.ts';
import { csaKeys, firstZone } from './build/keys.ts';
import { agentAt, HA, HA_INNER, MN, MN_INNER, SNOOP } from './build/nodes.ts';

const [fixed, mobile] = [ipv4(HA_INNER), ipv4(MN_INNER)];
const MSS = 1000;

describe.each(['in zones', 'in clear'])('%s', (kind) => {
  let pipe: [number, number];
  let csas: { down: Csa; up: Csa };

  beforeEach(() => {
    pipe = openPair();
    csas = { down: makeCsa(csaKeys(HA, MN), 'send'), up: makeCsa(csaKeys(MN, HA), 'send') };
  });
  afterEach(() => {
    for (const fd of pipe) close(fd);
  });

  function station(more: Partial<HelperAgent> = {}): AgentStation {
    const made = new AgentStation(agentAt(more), pipe[0], false);
    const keys = [csaKeys(HA, MN), csaKeys(MN, HA)].map(firstZone);
    made.setKeys({ do: 'agent-keys', agent: { csas: keys, writer: 1 } });
    return made;
  }

  /** A TCP segment as the agent meets it. */
  function packet(toMobile: boolean, seq: number, ack: number, length: number): Buffer {
    const [source, destination] = toMobile ? [fixed, mobile] : [mobile, fixed];
    const inner = tcpPacket({ source, destination, seq, ack, length, ...(!toMobile && { ports: BACK }) });
    if (kind === 'in clear') return Buffer.from(inner);
    const out = new Uint8Array(2048);
    const sealed = seal(toMobile ? csas.down : csas.up, inner, out.subarray(20));
    if (!sealed.ok) throw new Error(sealed.reason);
    writeOuter(out, { source: ipv4(toMobile ? HA : MN), destination: ipv4(toMobile ? MN : HA), payload: sealed.length });
    return Buffer.from(out.subarray(0, 20 + sealed.length));
  }
  /** The same connection's packets, as someone else may make them. */
  const inClear = (toMobile: boolean, seq: number, ack: number, length: number, flags = 0x10): Buffer => {
    const [source, destination] = toMobile ? [fixed, mobile] : [mobile, fixed];
    const made = Buffer.from(tcpPacket({ source, destination, seq, ack, length, ...(!toMobile && { ports: BACK }) }));
    made[33] = flags;
    return made;
  };
  const inIp = (inner: Buffer, source = HA, destination = MN): Buffer => {
    const made = Buffer.alloc(20 + inner.length);
    writeOuter(made, { source: ipv4(source), destination: ipv4(destination), payload: inner.length });
    made[9] = 4;
    made.writeUInt16BE(0, 10);
    made.writeUInt16BE(internetChecksum(made, 0, 20), 10);
    inner.copy(made, 20);
    return made;
  };
  const data = (seq: number) => packet(true, seq, 1, MSS);
  const ack = (number: number) => packet(false, 1, number, 0);

  /** What comes back for a packet. */
  function through(agent: AgentStation, given: Buffer): Buffer[] {
    writePacket(pipe[1], given, given.length);
    expect(agent.take()).toBe(true);
    expect(agent.take()).toBe(false);
    return drained();
  }

  function drained(): Buffer[] {
    const buffer = Buffer.alloc(2048);
    const came: Buffer[] = [];
    for (let got = receivePacket(pipe[1], buffer); got > 0; got = receivePacket(pipe[1], buffer))
      came.push(Buffer.from(buffer.subarray(0, got)));
    return came;
  }

  const statistics = (agent: AgentStation) => agent.statistics().agent as AgentStatistics;

  test('packets go on as they came', () => {
    const agent = station();
    for (const one of [data(1), data(1 + MSS), ack(1 + MSS)]) expect(through(agent, one)).toEqual([one]);
    expect(statistics(agent)).toMatchObject({ forwarded: 3, opened: kind === 'in zones' ? 3 : 0, passed: 0, suppressed: 0 });
    expect(statistics(agent).snoop).toMatchObject({ cached: 2, newAcks: 1 });
  });

  test('the second duplicate ACK is swallowed, and the copy of what is missing overtakes', () => {
    const agent = station();
    const packets = Array.from({ length: 5 }, (_, i) => data(1 + i * MSS));
    for (const one of packets) through(agent, one);
    through(agent, ack(1 + MSS));
    const first = ack(1 + MSS);
    expect(through(agent, first)).toEqual([first]);
    const [copy, ...more] = through(agent, ack(1 + MSS));
    expect(more).toEqual([]);
    expect(copy![1]).toBe(0x10);
    expect(internetChecksum(copy!, 0, 20)).toBe(0);
    expect(copy!.subarray(20)).toEqual(packets[1]!.subarray(20));
    expect(statistics(agent)).toMatchObject({ suppressed: 1, retransmitted: 1 });
  });

  test.runIf(kind === 'in zones')(
    'what comes in clear, or from the end of another tunnel, changes nothing of a tunnel’s connections',
    () => {
      const OTHER = '10.2.0.66';
      const [SYN, RST, ACK] = [2, 4, 0x10];
      const another = [csaKeys(OTHER, MN), csaKeys(MN, OTHER)];
      const agent = station();
      const keys = [csaKeys(HA, MN), csaKeys(MN, HA), ...another].map(firstZone);
      agent.setKeys({ do: 'agent-keys', agent: { csas: keys, writer: 1 } });
      const theirs = makeCsa(another[0]!, 'send');
      const stolen = Buffer.alloc(2048);
      const sealed = seal(theirs, inClear(true, 1 + MSS, 1, MSS, RST), stolen.subarray(20));
      theirs.destroy();
      if (!sealed.ok) throw new Error(sealed.reason);
      writeOuter(stolen, { source: ipv4(OTHER), destination: ipv4(MN), payload: sealed.length });

      const packets = Array.from({ length: 5 }, (_, i) => data(1 + i * MSS));
      for (const one of packets) through(agent, one);
      through(agent, ack(1 + MSS));
      const forged = [
        inClear(true, 1 + MSS, 1, MSS),
        inClear(true, 1 + 90 * MSS, 1, MSS),
        inClear(false, 1, 1 + 5 * MSS, 0),
        inClear(true, 1 + MSS, 1, 0, RST),
        inClear(false, 1, 1, 0, SYN),
        inClear(false, 1, 1 + 2 * MSS, 0, RST | ACK),
        inIp(inClear(true, 1 + MSS, 1, 0, RST)),
        inIp(inClear(false, 1, 1 + 5 * MSS, 0), MN, HA),
        stolen.subarray(0, 20 + sealed.length),
      ];
      for (const one of forged) expect(through(agent, one).at(-1)).toEqual(one);
      expect(through(agent, ack(1 + MSS))).toHaveLength(1);
      const [copy, ...more] = through(agent, ack(1 + MSS));
      expect(more).toEqual([]);
      expect(copy!.subarray(20)).toEqual(packets[1]!.subarray(20));
      expect(statistics(agent)).toMatchObject({ suppressed: 1, retransmitted: 1 });
    },
  );

  test.runIf(kind === 'in zones')('where a tunnel’s ends agreed on packets in clear, these are the tunnel’s, and no others', () => {
    const inner: [string, string] = [`${HA_INNER}/32`, `${MN_INNER}/32`];
    const agreed = (port: number) => ({ everyNth: 5, otherwise: 'ipsec' as const, perFlow: [{ port, mode: 'plain' as const }] });
    for (const { port, ends, counts } of [
      { port: 5001, ends: [HA, MN], counts: true },
      { port: 5002, ends: [HA, MN], counts: false },
      { port: 5001, ends: ['10.2.0.66', MN], counts: false },
    ] as { port: number; ends: [string, string]; counts: boolean }[]) {
      const agent = station({ plain: [{ ends, inner, dynamic: agreed(port) }] });
      for (let i = 0; i < 3; i++) through(agent, i === 1 ? inIp(inClear(true, 1 + MSS, 1, MSS)) : data(1 + i * MSS));
      through(agent, ack(1 + MSS));
      through(agent, inIp(inClear(false, 1, 1 + MSS, 0), MN, HA));
      const came = through(agent, inIp(inClear(false, 1, 1 + MSS, 0), MN, HA));
      // the second duplicate is swallowed, and what is missing is sent again, as it was: in clear
      if (counts) expect(came[0]!.subarray(12)).toEqual(inIp(inClear(true, 1 + MSS, 1, MSS)).subarray(12));
      expect(statistics(agent)).toMatchObject(counts ? { suppressed: 1, retransmitted: 1, passed: 0 } : { suppressed: 0, passed: 3 });
    }
  });

  test('without priority the copy is the packet itself', () => {
    const agent = station({ snoop: { ...SNOOP, priority: false } });
    const packets = [data(1), data(1 + MSS), data(1 + 2 * MSS)];
    for (const one of [...packets, ack(1), ack(1)]) through(agent, one);
    expect(through(agent, ack(1))).toEqual([packets[0]]);
  });

  test('the local timer sends again, and is asked for again', () => {
    const agent = station();
    expect(agent.due()).toBe(Number.POSITIVE_INFINITY);
    const before = performance.now();
    through(agent, data(1));
    const due = agent.due();
    expect(due).toBeGreaterThanOrEqual(before + 100);
    agent.onDue();
    // too early: nothing is sent, and it is asked for the same again
    expect(drained()).toEqual([]);
    expect(agent.due()).toBeGreaterThanOrEqual(before + 100);
  });

  test('without SNOOP the first zone is opened, and that is all', () => {
    const agent = station({ snoop: null });
    for (const one of [data(1), ack(1), ack(1), ack(1), ack(1)]) expect(through(agent, one)).toEqual([one]);
    expect(statistics(agent)).toMatchObject({ forwarded: 5, suppressed: 0, retransmitted: 0, snoop: null });
    expect(statistics(agent)).toMatchObject(kind === 'in zones' ? { opened: 5, passed: 0 } : { opened: 0, passed: 5 });
  });

  test('between two fixed hosts, or two mobile ones, packets pass', () => {
    for (const mobileNetworks of [[], ['0.0.0.0/0']]) {
      const agent = station({ mobile: mobileNetworks });
      const one = data(1);
      expect(through(agent, one)).toEqual([one]);
      expect(statistics(agent)).toMatchObject({ passed: 1, forwarded: 1 });
    }
  });

  test('a packet that was tampered with goes no further, where its first zone shows it', () => {
    const agent = station();
    const one = data(1);
    const tampered = (at: number) => Buffer.from(one.map((octet, i) => (i === at ? octet ^ 1 : octet)));
    const inFirst = through(agent, tampered(20 + 8 + 8 + 3));
    const inLast = through(agent, tampered(one.length - 1));
    expect(inLast).toHaveLength(1);
    expect(inFirst).toHaveLength(kind === 'in zones' ? 0 : 1);
    expect(statistics(agent).refused).toEqual(kind === 'in zones' ? { 'bad-icv': 1 } : {});
  });
});
