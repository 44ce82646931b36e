import { describe, expect, it } from 'vitest';
import { analyseRun } from '../../src/metrics/index.ts';
import * as build from '../pcap/build/sctp.ts';
import { DOWN, failover, message, type Security, sctpFlow, TAGS, Taps, TSNS, tsn, world } from './association.ts';
import { ike, MAC, ms, packet, UPDATE } from './build.ts';

const near = (value: number | null | undefined, wanted: number) => expect(value).toBeCloseTo(wanted, 6);

describe.each<Security>(['none', 'tunnel', 'transport'])('an association that loses its path, %s', (security) => {
  const facts = analyseRun(failover(security).input);

  it('yields the times it was built with', () => {
    near(facts.metrics.T_SCTP, 0.008);
    near(facts.metrics.T_SYS, 0.995);
    near(facts.metrics['T_SYS.timer'], 0.995);
    near(facts.metrics['T_SYS.rest'], 0);
    // 98 arrived at 1987, the chunk after it at 2997
    near(facts.metrics['T_STALLED.data'], 1.01);
    near(facts.flows.data!.oneWayDelay, 0.002);
    expect(facts.notes).toContain('T_SYS: T3-rtx (995.0 ms) ruled');
  });

  it('counts chunks once, and the copy as what it is', () => {
    expect(facts.flows.data).toMatchObject({ sent: 300, received: 300, lost: 0, duplicated: 0, reordered: 0, interval: 0.01 });
    expect(facts.metrics['loss.data']).toBe(0);
    expect(facts.metrics['retransmitted.data']).toBe(1);
    expect(facts.flows.data!.retransmissions).toEqual({ timeout: 1, fast: 0, timers: [1] });
  });

  it('knows when its throughput was back', () => {
    // 10 messages of 64 octets in 100 ms, of the second before t0 one message was lost
    near(facts.metrics['throughput.data'], 99 * 64 * 8);
    near(facts.metrics['T_RECOVER.data'], 1);
    const { throughput } = facts.flows.data!;
    expect(throughput).toMatchObject({ bin: 0.1, start: ms(1000), missing: 99 * 64 - 64 });
    expect(throughput!.octets.reduce((sum, octets) => sum + octets, 0)).toBe(300 * 64);
  });

  it('passes every gate', () => {
    expect(facts.gates.filter((gate) => !gate.ok)).toEqual([]);
    expect(facts.gates.find(({ name }) => name === 'handover')!.detail).toBe('every flow went on');
  });

  it('shows the chunk that left again, and the data around the outage from when it left', () => {
    const data = facts.ladder.filter(({ kind }) => /-data$/.test(kind)).map(({ t, arrived, label }) => [label, t / 1e6, arrived! / 1e6]);
    expect(data).toEqual([
      ['last data packet, 98', 1985, 1987],
      ['data packet that ended the stall, 99', 2995, 2997],
    ]);
    const shown = facts.ladder.filter(({ kind }) => kind === 'sctp').map(({ label, from, to }) => `${from} ${to} ${label}`);
    expect(shown).toEqual([expect.stringMatching(/^mn server DATA again, T3-rtx after 1000\.0 ms 10\.(10\.2\.1|2\.0\.2) > 10\.9\.2\.1$/)]);
    near(facts.ladder.find(({ kind }) => kind === 'sctp')!.arrived! / 1e6, 2997);
  });
});

describe('data towards the MN', () => {
  const facts = analyseRun(failover('tunnel', 'server').input);

  it('makes T_SYS by the answer to the chunk sent again: what is not the timer is the way and the answer', () => {
    near(facts.metrics.T_SYS, 0.9971);
    near(facts.metrics['T_SYS.timer'], 0.995);
    near(facts.metrics['T_SYS.rest'], 0.0021);
    near(facts.metrics['T_SWITCH.data'], 1.01);
    expect(facts.valid).toBe(true);
  });

  it('counts all chunks of one expiry as one run of the timer', () => {
    expect(facts.flows.data!.retransmissions).toEqual({ timeout: 100, fast: 0, timers: [1] });
    expect(facts.metrics['retransmitted.data']).toBe(100);
  });
});

describe('a null run', () => {
  const facts = analyseRun(failover('tunnel', 'mn', true).input);
  it('is quiet, repairs nothing and never loses its throughput', () => {
    expect(facts.flows.data).toMatchObject({ outage: 'quiet', lost: 0 });
    expect(facts.metrics).toMatchObject({ 'T_SYS.timer': null, 'T_SYS.rest': null, 'T_RECOVER.data': 0, 'retransmitted.data': 0 });
    expect(facts.valid).toBe(true);
  });
});

describe('T_SYS', () => {
  /** Messages every 10 ms until 1995, then whatever is said. */
  const moved = (security: Security, more: (taps: Taps) => void, fields = {}) => {
    const taps = new Taps(security);
    taps.open(900);
    taps.heartbeat(950, 'mn', 1);
    for (let number = 0; number < 100; number += 1) {
      const t = 1005 + 10 * number;
      taps.send(t, 'mn', 0, [message('mn', number, ms(t))]);
      taps.send(t + 2.1, 'server', 0, [build.sack(tsn('mn', number))]);
    }
    more(taps);
    return analyseRun(taps.input(world(security, fields)));
  };

  it('is not made by a HEARTBEAT on a path that had some before, and is by data', () => {
    const facts = moved('tunnel', (taps) => {
      taps.heartbeat(2100, 'mn', 1);
      taps.send(2200, 'mn', 1, [message('mn', 100, ms(2199))]);
    });
    near(facts.metrics.T_SYS, 0.2);
    near(facts.metrics['T_SYS.timer'], 0);
    expect(facts.notes).toContain('T_SYS: new data ruled, no timer');
  });

  it('is not made by a HEARTBEAT or its acknowledgement at all, nor by the first ASCONF from the old address', () => {
    const facts = moved('none', (taps) => {
      taps.send(2050, 'mn', 0, [build.asconf(1, '10.1.0.2', [build.request(build.ADD, 1, '10.2.0.2')])]);
      taps.heartbeat(2100, 'server', 0);
      taps.heartbeat(2150, 'server', 1);
      taps.send(2200, 'mn', 1, [build.sack(tsn('server', 0))]);
    });
    near(facts.metrics.T_SYS, 0.2);
  });

  it('does not look beyond the end of the flows, nor is the end of the association a move', () => {
    const facts = moved('none', (taps) => {
      taps.send(3990, 'mn', 1, [build.chunk(7, 0, Buffer.alloc(4))]);
      taps.send(4000.1, 'mn', 1, [message('mn', 100, ms(4000))]);
    });
    expect(facts.metrics.T_SYS).toBeNull();
    expect(facts.notes).toContain('T_SYS: the MN moved to no new address before the flows stopped');
  });

  it('says when the packet waited for its next hop', () => {
    const facts = moved('none', (taps) => {
      const [, eth2] = taps.captures;
      const arp = (t: number, fields: object) => eth2!.packets.push(packet(ms(t), { ipVersion: 0, protocol: -1, ...fields }));
      arp(2010, { srcMac: eth2!.mac, dstMac: 'ff:ff:ff:ff:ff:ff' });
      arp(2025, { srcMac: MAC.gw, dstMac: eth2!.mac });
      taps.send(2025.004, 'mn', 1, [message('mn', 100, ms(2009))]);
    });
    expect(facts.notes).toContain('T_SYS: new data ruled, no timer; it waited for ARP (15.0 ms)');
  });

  it('counts what a chunk sent again waited for its next hop as rest', () => {
    const facts = moved('none', (taps) => {
      const [, eth2] = taps.captures;
      const arp = (t: number, fields: object) => eth2!.packets.push(packet(ms(t), { ipVersion: 0, protocol: -1, ...fields }));
      taps.send(1999, 'mn', 0, [message('mn', 100, ms(1999))], { lost: true });
      arp(2999, { srcMac: eth2!.mac, dstMac: 'ff:ff:ff:ff:ff:ff' });
      arp(3014, { srcMac: MAC.gw, dstMac: eth2!.mac });
      taps.send(3014, 'mn', 1, [message('mn', 100, ms(1999))]);
    });
    near(facts.metrics['T_SYS.timer'], 0.999);
    near(facts.metrics['T_SYS.rest'], 0.015);
  });

  it('is not made by the old address over another interface, protected or not', () => {
    for (const security of ['none', 'transport'] as const) {
      const facts = moved(security, (taps) => {
        const [eth1, eth2] = taps.captures;
        taps.send(2050, 'mn', 0, [message('mn', 100, ms(2049))]);
        const { srcMac: _, ...stray } = eth1!.packets.pop()!;
        eth2!.packets.push({ ...stray, srcMac: eth2!.mac });
        taps.send(2200, 'mn', 1, [message('mn', 101, ms(2199))]);
      });
      near(facts.metrics.T_SYS, 0.2);
    }
  });

  it('is made by the SACK timer when the MN had held a SACK back', () => {
    const taps = new Taps('none');
    taps.open(900);
    taps.heartbeat(950, 'mn', 1);
    for (const number of [0, 1]) taps.send(1900 + number, 'server', 0, [message('server', number, ms(1900))]);
    taps.send(1903.1, 'mn', 0, [build.sack(tsn('server', 1))]);
    taps.send(1996, 'server', 0, [message('server', 2, ms(1996))]);
    taps.send(2198, 'mn', 1, [build.sack(tsn('server', 2))]);
    const facts = analyseRun(taps.input(world('none', {}, 'server')));
    near(facts.metrics.T_SYS, 0.198);
    near(facts.metrics['T_SYS.timer'], 0.198);
    expect(facts.notes).toContain('T_SYS: the SACK timer (198.0 ms) ruled');
  });

  it('is made by an ASCONF from an address that is new', () => {
    const facts = moved('none', (taps) => {
      taps.send(2010, 'mn', 1, [build.asconf(1, '10.2.0.2', [build.request(build.DELETE, 1, '10.1.0.2')])]);
      taps.send(2013, 'server', 1, [build.asconfAck(1, [build.success(1)])]);
    });
    near(facts.metrics.T_SYS, 0.01);
    expect(facts.notes).toContain('T_SYS: ASCONF ruled, no timer');
    // one gap long enough that the story includes it
    const labels = facts.ladder.filter(({ kind }) => kind === 'sctp').map(({ label }) => label);
    expect(labels).toEqual(['ASCONF 1 Delete IP Address 10.1.0.2 10.2.0.2 > 10.9.2.1', 'ASCONF-ACK 1 success 10.9.2.1 > 10.2.0.2']);
  });

  it('counts repeated expiries as one wait', () => {
    const facts = moved('none', (taps) => {
      taps.send(1999, 'mn', 0, [message('mn', 100, ms(1999))], { lost: true });
      taps.send(2300, 'mn', 0, [message('mn', 100, ms(1999))], { lost: true });
      taps.send(2900, 'mn', 1, [message('mn', 100, ms(1999))]);
    });
    near(facts.metrics['T_SYS.timer'], 0.9);
    expect(facts.flows.data!.retransmissions!.timers).toEqual([0.301, 0.6]);
  });

  it('knows a chunk that left for an interface that was down by its age', () => {
    const late = (taps: Taps) => void taps.send(3003, 'mn', 1, [message('mn', 100, ms(2005))]);
    const old = moved('none', late);
    expect(old.notes.join()).toContain('new data ruled');
    const sctp = { rtoMin: 0.5 } as never;
    const flows = [{ ...world('none').flows[0]!, sctp }];
    const known = moved('none', late, { flows });
    near(known.metrics['T_SYS.timer'], 0.998);
    near(known.metrics['T_SYS.rest'], 0.005);
    expect(moved('none', late, { flows: [{ ...flows[0]!, rate: 0 }] }).metrics['T_SYS.timer']).toBe(0);
  });

  it('has no part of SCTP when IKE moves first', () => {
    const facts = moved('tunnel', (taps) => {
      const request = ike(ms(2050), '10.2.0.99', '10.3.0.2', { messageId: 3, notifies: UPDATE });
      taps.captures[1]!.packets.push({ ...request, direction: 'out' });
    });
    near(facts.metrics.T_SYS, 0.05);
    expect(facts.metrics['T_SYS.timer']).toBe(0);
    expect(facts.notes).toContain('T_SYS: IKE moved first, no SCTP timer');
  });
});

describe('why chunks are sent again', () => {
  /** Chunk 5 is lost, 6 to 9 arrive; `reports` SACKs say so; it leaves again, and once more after 500 ms. */
  const repaired = (reports: number) => {
    const taps = new Taps('none');
    taps.open(900);
    const send = (t: number, number: number, lost = false) => taps.send(t, 'mn', 0, [message('mn', number, ms(t))], { lost });
    for (let number = 0; number < 10; number += 1) send(2100 + number, number, number === 5);
    for (let i = 0; i < reports; i += 1) taps.send(2108.1 + i, 'server', 0, [build.sack(tsn('mn', 4), [[2, 2 + i]])]);
    send(2120, 5, true);
    // reports that come later are about the copy
    for (let i = 0; i < 3; i += 1) taps.send(2122 + i, 'server', 0, [build.sack(tsn('mn', 4), [[2, 5]])]);
    send(2620, 5);
    taps.send(2622.1, 'server', 0, [build.sack(tsn('mn', 9))]);
    return analyseRun(taps.input(world('none'))).flows.data!.retransmissions;
  };

  it('three reports are a fast retransmission, once per chunk', () => {
    expect(repaired(3)).toEqual({ timeout: 1, fast: 1, timers: [0.5] });
  });

  it('two are not, but later ones are counted from the last time it left', () => {
    expect(repaired(2)).toEqual({ timeout: 1, fast: 1, timers: [0.015] });
  });

  /** Chunk 5 is first seen at `t`, after 6 to 9, the first of them at 2106; `reports` SACKs say that it is missing. */
  const late = (t: number, reports: number) => {
    const taps = new Taps('none');
    taps.open(900);
    for (const number of [0, 1, 2, 3, 4, 6, 7, 8, 9]) taps.send(2100 + number, 'mn', 0, [message('mn', number, ms(2100 + number))]);
    for (let i = 0; i < reports; i += 1) taps.send(2108.1 + i, 'server', 0, [build.sack(tsn('mn', 4), [[2, 2 + i]])]);
    taps.send(t, 'mn', 1, [message('mn', 5, ms(2105))]);
    return analyseRun(taps.input(world('none')));
  };

  it('a chunk first seen after a higher one is a copy: the sender itself had dropped the first', () => {
    const fast = late(2120, 3);
    expect(fast.flows.data!.retransmissions).toEqual({ timeout: 0, fast: 1, timers: [] });
    expect(fast.metrics['retransmitted.data']).toBe(1);
    expect(late(3110, 2).flows.data!.retransmissions).toEqual({ timeout: 1, fast: 0, timers: [1.004] });
  });

  it('unless it is only late: two packets that swapped places after an idle, with no SACK that missed it', () => {
    expect(late(2900, 0).flows.data!.retransmissions).toEqual({ timeout: 0, fast: 0, timers: [] });
    expect(late(2900, 1).flows.data!.retransmissions).toMatchObject({ timeout: 1, fast: 0 });
    expect(late(3110, 0).flows.data!.retransmissions).toMatchObject({ timeout: 1, fast: 0 });
  });

  it('unless nothing says so: two packets that swapped places are none', () => {
    expect(late(2106.02, 0).flows.data!.retransmissions).toEqual({ timeout: 0, fast: 0, timers: [] });
  });

  it('not what is sent again after the flows stopped, nor is that lost which first left then', () => {
    const { input, taps } = failover('none');
    taps.send(4010, 'mn', 1, [message('mn', 300, ms(4010))], { lost: true });
    taps.send(4020, 'mn', 1, [message('mn', 299, ms(3995))]);
    for (const { packets } of input.captures) packets.sort((a, b) => a.t - b.t);
    expect(analyseRun(input).flows.data).toMatchObject({ sent: 300, lost: 0, retransmissions: { timeout: 1, fast: 0 } });
  });

  it('nothing is known without a capture at the sender', () => {
    const { input } = failover('none');
    const facts = analyseRun({ ...input, captures: input.captures.filter(({ node }) => node === 'server') });
    expect(facts.flows.data).not.toHaveProperty('retransmissions');
    expect(facts.metrics['retransmitted.data']).toBeNull();
    expect(facts.notes).toContain('retransmitted.data: no capture shows what the sender sent');
  });
});

describe('a flow as fast as it goes', () => {
  /** Windows of 10 messages each 4 ms, a round trip; `pause` ms between two of them after the event was due. */
  const bulk = (pause: number) => {
    const taps = new Taps('none');
    taps.open(900);
    for (let round = 0; round < 500; round += 1) {
      const t = 1005 + 4 * round + (round > 300 ? pause : 0);
      for (let i = 0; i < 10; i += 1) taps.send(t + i / 1000, 'mn', 0, [message('mn', 10 * round + i, ms(t))]);
      taps.send(t + 2.01, 'server', 0, [build.sack(tsn('mn', 10 * round + 9))]);
    }
    const flows = [{ ...sctpFlow('none'), rate: 0 }];
    return analyseRun(taps.input(world('none', { flows }), { nullEvent: true }, false));
  };

  it('is quiet while it only waits for windows, up to three round trips', () => {
    const facts = bulk(0);
    expect(facts.flows.data).toMatchObject({ outage: 'quiet', interval: 0.000001 });
    expect(facts.notes).toContain('data: no outage: longest gap 3.991 ms <= 3 x 4.000 ms');
    expect(bulk(8).flows.data!.outage).toBe('quiet');
    expect(bulk(9).flows.data!.outage).toBe('outage');
  });
});

describe('what ruled the stall', () => {
  /** 0 to 99 go over path 0; the SACK of 100 and 101 goes to the dead address, that of 102 is held back; then 103 leaves. */
  const held = (security: Security, sackAt: number) => {
    const taps = new Taps(security);
    taps.open(900);
    for (let number = 0; number < 100; number += 1) {
      taps.send(1005 + 10 * number, 'mn', 0, [message('mn', number, ms(1005 + 10 * number))]);
      taps.send(1007.1 + 10 * number, 'server', 0, [build.sack(tsn('mn', number))]);
    }
    for (const number of [100, 101, 102]) taps.send(2010 + number / 1000, 'mn', 1, [message('mn', number, ms(2010))]);
    taps.send(2012.2, 'server', 0, [build.sack(tsn('mn', 101))], { lost: true });
    taps.send(sackAt, 'server', 1, [build.sack(tsn('mn', 102))]);
    for (const number of [103, 104]) taps.send(sackAt + 2.05 + number / 1000, 'mn', 1, [message('mn', number, ms(2020))]);
    const sctp = { rtoMin: 1, sackDelay: 0.2 } as never;
    return analyseRun(taps.input(world(security, { flows: [{ ...sctpFlow(security), sctp }] })));
  };

  it.each<Security>(['none', 'tunnel', 'transport'])('the SACK timer, %s', (security) => {
    const facts = held(security, 2212.202);
    expect(facts.flows.data!.stalledBy!.what).toBe('SACK timer');
    near(facts.flows.data!.stalledBy!.seconds, 0.2001);
    expect(facts.flows.data!.retransmissions).toMatchObject({ timeout: 0, fast: 0 });
    expect(facts.notes).toContain('data: the SACK timer (200.1 ms) ruled the stall');
  });

  it('T3-rtx, by a copy of what had arrived: the SACK it brings back opens the window', () => {
    const taps = new Taps('tunnel');
    taps.open(900);
    for (let number = 0; number < 100; number += 1) taps.send(1005 + 10 * number, 'mn', 0, [message('mn', number, ms(1005 + 10 * number))]);
    taps.send(1997.1, 'server', 0, [build.sack(tsn('mn', 99))], { lost: true });
    taps.send(3000, 'mn', 1, [message('mn', 99, ms(1995))]);
    taps.send(3002.1, 'server', 1, [build.sack(tsn('mn', 99))]);
    taps.send(3004.2, 'mn', 1, [message('mn', 100, ms(2000))]);
    const facts = analyseRun(taps.input(world('tunnel', { flows: [{ ...sctpFlow('tunnel'), rate: 0 }] })));
    expect(facts.flows.data).toMatchObject({ outage: 'outage', stalledBy: { what: 'T3-rtx', seconds: 1.005 } });
  });

  it('ARP, when the chunk left right after its next hop was known', () => {
    const taps = new Taps('none');
    taps.open(900);
    const send = (t: number, path: 0 | 1, number: number) => taps.send(t, 'mn', path, [message('mn', number, ms(1005 + 10 * number))]);
    for (let number = 0; number < 100; number += 1) send(1005 + 10 * number, 0, number);
    const eth2 = taps.captures[1]!;
    eth2.packets.push(packet(ms(2010), { ipVersion: 0, protocol: -1, srcMac: eth2.mac, dstMac: 'ff:ff:ff:ff:ff:ff' }));
    eth2.packets.push(packet(ms(2090), { ipVersion: 0, protocol: -1, srcMac: MAC.gw, dstMac: eth2.mac }));
    for (let number = 100; number < 300; number += 1) send(Math.max(1005 + 10 * number, 2090.01 + number / 1e5), 1, number);
    const facts = analyseRun(taps.input(world('none')));
    expect(facts.flows.data!.stalledBy).toEqual({ what: 'ARP', seconds: 0.08 });
  });

  it('not a SACK that came as soon as it could: the window was full for a round trip', () => {
    const facts = held('none', 2065);
    expect(facts.flows.data!.stalledBy).toEqual({ what: 'window', seconds: expect.closeTo(0.057_051, 6) });
    expect(facts.notes).toContain('data: room in the window (57.1 ms) ruled the stall');
  });

  it('T3-rtx, by the chunk that ended it', () => {
    const facts = analyseRun(failover('transport').input);
    expect(facts.flows.data!.stalledBy).toEqual({ what: 'T3-rtx', seconds: 1 });
    expect(facts.notes).toContain('data: T3-rtx (1000.0 ms) ruled the stall');
    expect(analyseRun(failover('transport', 'mn', true).input).flows.data!.stalledBy).toBeNull();
  });

  it('nothing is known without a capture at the sender', () => {
    const { input } = failover('none');
    const facts = analyseRun({ ...input, captures: input.captures.filter(({ node }) => node === 'server') });
    expect(facts.flows.data).toMatchObject({ outage: 'outage', stalledBy: null });
  });
});

describe('T_SCTP', () => {
  it('counts from the first INIT, repeats or not, and says what is missing', () => {
    const taps = new Taps('none');
    taps.send(700, 'mn', 0, [build.init(1, TAGS.mn, TSNS.mn, [])], { tag: 0, lost: true });
    expect(analyseRun(taps.input(world('none'))).notes).toContain('T_SCTP: no COOKIE-ACK followed');
    taps.open(900);
    const facts = analyseRun(taps.input(world('none')));
    near(facts.metrics.T_SCTP, 0.208);
    expect(facts.notes).toContain('T_SCTP: INIT was seen 2 times');
    expect(analyseRun(new Taps('none').input(world('none'))).metrics.T_SCTP).toBeNull();
  });

  it('is the same when the other side opens', () => {
    const taps = new Taps('tunnel');
    taps.send(898, 'server', 0, [build.init(1, TAGS.server, TSNS.server, [])], { tag: 0 });
    taps.send(901, 'mn', 0, [build.init(2, TAGS.mn, TSNS.mn, [])]);
    taps.send(904, 'server', 0, [build.chunk(10, 0, Buffer.from('a cookie'))]);
    taps.send(906.5, 'mn', 0, [build.chunk(11, 0, Buffer.alloc(0))]);
    near(analyseRun(taps.input(world('tunnel'))).metrics.T_SCTP, 0.0065);
  });

  it('is not there without an sctp flow, and part of the story without an event', () => {
    expect(analyseRun(new Taps('none').input(world('none', { flows: [] }))).metrics).not.toHaveProperty('T_SCTP');
    const { input } = failover('none', 'mn', true);
    const calm = { ...input, cell: world('none', { timeline: [] }), run: { ...input.run, nullEvent: false, eventDue: null } };
    const facts = analyseRun(calm);
    expect(facts.ladder.map(({ label }) => label.split(' ')[0])).toEqual([
      ...['INIT', 'INIT-ACK', 'COOKIE-ECHO', 'COOKIE-ACK', 'HEARTBEAT', 'HEARTBEAT-ACK'],
    ]);
    near(facts.metrics['throughput.data'], (300 * 64 * 8) / 3);
    expect(facts.metrics['T_RECOVER.data']).toBeNull();
    expect(facts.valid).toBe(true);
  });
});

describe('gates', () => {
  const judge = (input: Parameters<typeof analyseRun>[0], name: string) => analyseRun(input).gates.find((gate) => gate.name === name)!;

  it('one packet of a protected association in clear is a leak, data or not, either way', () => {
    for (const node of ['mn', 'server'] as const) {
      const { input, taps } = failover('tunnel');
      expect(judge(input, 'cleartext').ok).toBe(true);
      taps.send(950, node, 1, [build.chunk(4, 0, build.tlv(1, Buffer.from('open')))], { clear: true });
      const gate = judge(input, 'cleartext');
      expect(gate.ok).toBe(false);
      expect(gate.detail).toMatch(node === 'mn' ? /10\.2\.0\.2 > 10\.9\.2\.1 protocol 132 left mn:eth2/ : /left server:eth0/);
      expect(gate.detail).toContain('flow data arrived in clear at');
    }
  });

  it('a chunk that IPsec refused had not arrived: a later copy was what was read', () => {
    const { input, taps } = failover('transport');
    // the first copy of 99 reaches the server at 1998
    taps.captures[2]!.packets.push({
      ...taps.captures[0]!.packets.findLast(({ t }) => t === ms(1995))!,
      t: ms(1998),
      srcMac: MAC.gw,
      dstMac: MAC.sgw,
    });
    taps.captures[2]!.packets.sort((a, b) => a.t - b.t);
    const refused = analyseRun({ ...input, run: { ...input.run, xfrmErrors: { server: { XfrmInNoStates: 1 } } } });
    near(refused.metrics['T_STALLED.data'], 1.01);
    expect(refused.flows.data!.gapStart).toBe(ms(1987));
    expect(analyseRun(input).flows.data!.gapStart).toBe(ms(1998));
  });

  it('the messages that were read are those that arrived', () => {
    const { input } = failover('tunnel');
    const log = input.deliveries.data!;
    const with_ = (data: typeof log) => judge({ ...input, deliveries: { data } }, 'receiver-log');
    expect(with_(log)).toMatchObject({ ok: true, detail: 'the same numbers' });
    expect(with_(log.slice(0, -2))).toMatchObject({ ok: true, detail: 'data: 2 messages arrived after the last one that was read' });
    expect(with_(log.toSpliced(7, 1))).toMatchObject({ ok: false, detail: 'data: 1 messages on the wire only' });
    expect(with_([...log, [300, 0, 0]])).toMatchObject({ ok: false, detail: "data: 1 messages in the receiver's log only" });
    expect(with_([...log, log[0]!]).detail).toBe('data: 1 messages read twice');
    const other = { ...input, cell: world('tunnel', { flows: [{ ...input.cell.flows[0]!, size: 65 }] }) };
    expect(judge(other, 'receiver-log').detail).toBe("data: 19200 octets on the wire, 19500 in the receiver's log");
    expect(judge({ ...input, deliveries: {} }, 'receiver-log').detail).toBe('data: the receiver left no log');
  });

  it('an association whose ESP cannot be read is missing', () => {
    const { input } = failover('tunnel');
    for (const capture of input.captures) capture.packets = [];
    expect(judge(input, 'decrypted').detail).toBe('no ESP packet of flow data');
  });

  it('one that does not come back is no handover', () => {
    const { input } = failover('none');
    for (const capture of input.captures) capture.packets = capture.packets.filter(({ t }) => t < ms(2990));
    input.deliveries.data = input.deliveries.data!.filter(([seq]) => seq < 99);
    expect(judge(input, 'handover')).toMatchObject({ ok: false, detail: 'flow data did not resume' });
  });

  it.each([100, 0])('nor is one that dies with its interface and sends nothing more, rate %i/s', (rate) => {
    const { input } = failover('none');
    for (const capture of input.captures) capture.packets = capture.packets.filter(({ t }) => t < ms(1994));
    const data = input.deliveries.data!.filter(([seq]) => seq < 99);
    const dead = analyseRun({ ...input, cell: world('none', { flows: [sctpFlow('none', 'mn', { rate })] }), deliveries: { data } });
    expect(dead.valid).toBe(false);
    expect(dead.flows.data).toMatchObject({ outage: 'not-resumed', sent: 300, received: 99, lost: 201 });
    expect(dead.metrics).toMatchObject({ 'T_STALLED.data': null, 'loss.data': 201 });
  });
});

describe('asconf events', () => {
  it('prepare, whatever they do: the event after them is measured', () => {
    const { input } = failover('none');
    const asconf = (action: 'add' | 'set-primary') => ({
      kind: 'asconf' as const,
      node: 'mn',
      flow: 'data',
      action,
      address: '10.2.0.2',
      at: 0.5,
    });
    const record = { index: 0, kind: 'asconf', node: 'mn', requested: ms(1500), issued: ms(1500), confirmed: ms(1500), notifications: [] };
    const timeline = [asconf('add'), asconf('set-primary'), DOWN];
    const events = [record, { ...record, index: 1 }, { ...input.events[0]!, index: 2 }];
    const facts = analyseRun({ ...input, cell: world('none', { timeline }), events });
    expect(facts.t0).toBe(ms(2000));
    expect(facts.event).toBe('admin-down eth1 at mn');
    const alone = analyseRun({ ...input, cell: world('none', { timeline: timeline.slice(1, 2) }), events: [record] });
    expect(alone.event).toBe('asconf set-primary 10.2.0.2 at mn');
  });
});
