import { describe, expect, it } from 'vitest';
import { analyseRun } from '../../src/metrics/index.ts';
import { cell, data, exchange, flow, handover, ike, ms, NEW, OLD, packet, run, SERVED, SGW, sealed, UPDATE, VIP } from './build.ts';

const near = (value: number | null | undefined, wanted: number) => expect(value).toBeCloseTo(wanted, 9);

describe('a hard handover', () => {
  const facts = analyseRun(handover());

  it('yields the times it was built with', () => {
    near(facts.metrics.T_IKE, 0.05);
    near(facts.metrics.T_SYS, 0.11);
    near(facts.metrics.T_RC, 0.004);
    near(facts.metrics.T_UPDATE, 0.006);
    // sent 1990 and 2130 are the neighbours of the hole
    near(facts.metrics['T_STALLED.up'], 0.14);
    near(facts.metrics['T_STALLED.down'], 0.14);
    near(facts.metrics['T_SWITCH.down'], 0.14);
    expect(facts.metrics).not.toHaveProperty('T_SWITCH.up');
    near(facts.flows.up!.stalledNet, 0.13);
    near(facts.flows.up!.oneWayDelay, 0.002);
    expect(facts.event).toBe('admin-down eth0 at mn');
  });

  it('counts each delivery once although the tap saw two copies', () => {
    expect(facts.flows.up).toMatchObject({ sent: 300, received: 287, lost: 13, duplicated: 0, reordered: 0 });
    expect(facts.metrics['loss.down']).toBe(13);
  });

  it('passes every gate', () => {
    expect(facts.gates.filter((gate) => !gate.ok)).toEqual([]);
    expect(facts.valid).toBe(true);
    expect(facts.notes).toEqual([]);
  });

  it('tells the story in order', () => {
    const story = facts.ladder.filter((entry) => !entry.kind.endsWith('data')).map(({ kind, from, to }) => `${kind} ${from} ${to}`);
    expect(story).toEqual([
      'event mn mn',
      'roam mn mn',
      'log mn mn',
      'probe mn sgw',
      'probe-reply sgw mn',
      'sa-change mn mn',
      'update mn sgw',
      'update-reply sgw mn',
    ]);
    expect(facts.ladder.filter((entry) => entry.kind.endsWith('data')).map(({ label }) => label)).toEqual([
      'last up packet, 99',
      'last down packet, 99',
      'up packet that ended the stall, 113',
      'down packet that ended the stall, 113',
    ]);
    const probe = facts.ladder.find((entry) => entry.kind === 'probe')!;
    near(probe.dt, 0.11);
    near((probe.arrived! - probe.t) / 1e6, 1.5);
  });
});

describe('a null run', () => {
  it('reports no outage, by the same path', () => {
    const facts = analyseRun(handover({ nullEvent: true }));
    expect(facts.flows.up).toMatchObject({ outage: 'quiet', gapStart: null });
    expect(facts.metrics['T_STALLED.up']).toBeCloseTo(0.01, 9); // one packet interval: the floor
    expect(facts.metrics['loss.up']).toBe(0);
    expect(facts.valid).toBe(true);
    expect(facts.t0).toBe(ms(2000));
    expect(facts.notes[0]).toBe('up: no outage: longest gap 10.000 ms <= 3 x 10.000 ms and no packet missing');
  });

  it('reports the hole a lost packet leaves: that is its floor', () => {
    const facts = analyseRun(handover({ nullEvent: true, skip: (seq) => seq === 150 }));
    near(facts.metrics['T_STALLED.up'], 0.02);
    expect(facts.valid).toBe(true);
  });

  it('is invalid when the SA moved all the same', () => {
    const input = handover({ nullEvent: true });
    exchange(input.wire, 2120, 2126, 3, UPDATE);
    const facts = analyseRun(input);
    expect(facts.valid).toBe(false);
    expect(facts.gates.find((gate) => gate.name === 'handover')!.detail).toBe('the SA moved in a null run');
  });

  it('ignores a loss before t0', () => {
    expect(analyseRun(handover({ nullEvent: true, skip: (seq) => seq === 20 })).flows.up?.outage).toBe('quiet');
  });
});

describe('retransmissions and detours', () => {
  it('times an exchange from its first transmission and says how many there were', () => {
    const input = handover();
    input.wire.at('mn', 'eth1').packets.push({ ...ike(ms(2118), NEW, SGW, { messageId: 3, notifies: UPDATE }), direction: 'out' });
    const facts = analyseRun(input);
    near(facts.metrics.T_UPDATE, 0.008);
    expect(facts.notes).toContain('T_UPDATE: the request was sent 2 times');
  });

  it('does not take a probe from the old address for T_RC, nor ARP for T_SYS', () => {
    const input = handover();
    input.wire.out('mn', 'eth0', ike(ms(2101), OLD, SGW, { messageId: 2 }));
    input.wire.out('mn', 'eth1', packet(ms(2102), { ipVersion: 0, protocol: -1 }));
    const facts = analyseRun(input);
    near(facts.metrics.T_RC, 0.004);
    near(facts.metrics.T_SYS, 0.11);
  });

  it('does not take ESP that leaves by the new interface with the old address for T_SYS', () => {
    const input = handover();
    input.wire.out('mn', 'eth1', sealed(data(ms(2050), 0, 105, ms(2050), VIP, SERVED), OLD, SGW));
    near(analyseRun(input).metrics.T_SYS, 0.11);
  });

  it('does not take the answer to a copy on the old path for the answer to the new one', () => {
    const input = handover();
    input.wire.out('mn', 'eth0', ike(ms(2101), OLD, SGW, { messageId: 2 }));
    input.wire.in('mn', 'eth0', ike(ms(2109), SGW, OLD, { messageId: 2, response: true, fromInitiator: false }));
    near(analyseRun(input).metrics.T_RC, 0.004);
  });

  it('pairs a probe with the answer on its own path: one to another address of the peer is no repeat', () => {
    const other = '10.9.0.1';
    const input = handover();
    // the second address is tried first and never answered
    input.wire.out('mn', 'eth1', ike(ms(2109), NEW, other, { messageId: 2 }));
    const facts = analyseRun(input);
    near(facts.metrics.T_RC, 0.004);
    expect(facts.notes).toEqual([]);
    for (const capture of input.captures) {
      capture.packets = capture.packets.filter(({ ike: info }) => !(info?.response && info.messageId === 2));
    }
    const silent = analyseRun(input);
    expect(silent.metrics.T_RC).toBeNull();
    expect(silent.notes).toEqual(['T_RC: the path probe was never answered']);
  });

  it('draws every copy with its own arrival', () => {
    const input = handover();
    input.wire.out('mn', 'eth1', ike(ms(2121), NEW, SGW, { messageId: 3, notifies: UPDATE }));
    input.wire.in('sgw', 'eth0', ike(ms(2125), NEW, SGW, { messageId: 3, notifies: UPDATE }));
    const updates = analyseRun(input).ladder.filter(({ kind }) => kind === 'update');
    expect(updates.map(({ label, arrived }) => [label, arrived])).toEqual([
      ['UPDATE_SA_ADDRESSES request 3', ms(2122.5)],
      ['UPDATE_SA_ADDRESSES request 3 (copy 2)', ms(2125)],
    ]);
  });

  it('takes a later empty INFORMATIONAL for dead peer detection', () => {
    const input = handover();
    for (const capture of input.captures) {
      capture.packets = capture.packets.filter(({ ike: info }) => info?.messageId !== 2);
    }
    exchange(input.wire, 2500, 2510, 4, []);
    const facts = analyseRun(input);
    expect(facts.metrics.T_RC).toBeNull();
    expect(facts.notes).toContain('T_RC: no path probe from a new address');
  });

  it('falls back to the wire for T_IKE without a log and says so', () => {
    const facts = analyseRun({ ...handover(), logs: [] });
    near(facts.metrics.T_IKE, 0.04);
    expect(facts.notes.join()).toContain('T_IKE: no log line of the CHILD_SA');
  });

  it('measures the event that takes something away, not the interface-up before it', () => {
    const input = handover();
    const up = { kind: 'interface-up', node: 'mn', interface: 'eth1', at: 0.5 } as const;
    const facts = analyseRun({
      ...input,
      cell: cell({ timeline: [up, ...cell().timeline] }),
      events: [
        { index: 0, kind: 'interface-up', node: 'mn', requested: ms(1500), issued: ms(1500), confirmed: ms(1500), notifications: [] },
        { ...input.events[0]!, index: 1 },
      ],
    });
    expect(facts.t0).toBe(ms(2000));
    near(facts.metrics.T_SYS, 0.11);
  });

  it('takes a route-swap that only adds for preparation as well', () => {
    const input = handover();
    const route = { to: '10.3.0.0/24', via: '10.2.0.1' };
    const factsOf = (remove: (typeof route)[]) =>
      analyseRun({
        ...input,
        cell: cell({ timeline: [{ kind: 'route-swap', node: 'mn', remove, add: [route], at: 0.5 }, ...cell().timeline] }),
        events: [
          { index: 0, kind: 'route-swap', node: 'mn', requested: ms(1500), issued: ms(1500), confirmed: ms(1500), notifications: [] },
          { ...input.events[0]!, index: 1 },
        ],
      });
    expect(factsOf([]).t0).toBe(ms(2000));
    expect(factsOf([route]).t0).toBe(ms(1500));
  });

  it('uses the issue time, with a note, when the kernel said nothing', () => {
    const input = handover();
    const facts = analyseRun({ ...input, events: [{ ...input.events[0]!, confirmed: null }] });
    expect(facts.t0).toBe(ms(1999.5));
    expect(facts.notes.join()).toContain('the kernel confirmed nothing');
  });
});

describe('without IPsec', () => {
  it('measures clear flows and T_SYS by the first flow packet on the new path', () => {
    const input = handover({ cell: cell({ ipsec: [], flows: [flow('up', 0, { protectedBy: null })] }) });
    for (const capture of input.captures) {
      capture.packets = capture.packets.flatMap((seen) =>
        seen.esp?.inner ? [{ ...seen.esp.inner, srcMac: seen.srcMac, dstMac: seen.dstMac }] : [],
      );
    }
    const facts = analyseRun(input);
    near(facts.metrics['T_STALLED.up'], 0.14);
    near(facts.metrics.T_SYS, 0.13);
    expect(facts.metrics.T_IKE).toBeNull();
    expect(facts.valid).toBe(true);
  });
});

describe('a cell without events', () => {
  it('still yields T_IKE and the negotiation as its ladder', () => {
    const input = handover({ nullEvent: true, cell: cell({ timeline: [] }) });
    const facts = analyseRun({ ...input, run: run({ nullEvent: false, eventDue: null }) });
    near(facts.metrics.T_IKE, 0.05);
    expect(facts.metrics.T_SYS).toBeNull();
    expect(facts.ladder.map(({ kind }) => kind)).toEqual(['ike', 'ike']);
    expect(facts.valid).toBe(true);
  });
});

describe('a flow behind a gateway', () => {
  it('counts clear arrivals at a server that is no end of the connection', () => {
    const input = handover();
    const server = { node: 'server', interface: 'eth0', mac: '02:00:00:00:00:09', packets: [] as ReturnType<typeof packet>[] };
    for (const seen of input.wire.at('sgw', 'eth0').packets) {
      if (seen.esp?.inner && seen.dstMac === input.wire.at('sgw', 'eth0').mac)
        server.packets.push({ ...seen.esp.inner, dstMac: server.mac });
    }
    const through = cell({ flows: [flow('up', 0, { to: 'server' })] });
    const facts = analyseRun({ ...input, cell: through, captures: [...input.captures, server] });
    near(facts.metrics['T_STALLED.up'], 0.14);
    expect(facts.gates.filter((gate) => !gate.ok)).toEqual([]);
  });

  it('does not call the gateway handing packets on a leak', () => {
    const input = handover({ cell: cell({ flows: [flow('up', 0, { to: 'server' })] }) });
    input.wire.out('sgw', 'eth0', data(ms(1502), 0, 50, ms(1500), VIP, SERVED));
    expect(analyseRun(input).gates.find((gate) => gate.name === 'cleartext')).toMatchObject({ ok: true });
  });
});

describe('TCP', () => {
  it('measures the stall of in-order progress and says loss is hidden', () => {
    const tcp = flow('up', 0, { kind: 'tcp', rate: 0 });
    const input = handover({ cell: cell({ flows: [tcp] }) });
    const segments = [1700, 1750, 1800, 1850, 1900, 1950, 2300, 2305, 2350];
    for (const capture of input.captures) capture.packets = capture.packets.filter((seen) => seen.esp === null && seen.ike !== null);
    segments.forEach((t, i) => {
      const inner = packet(ms(t), {
        src: VIP,
        dst: SERVED,
        protocol: 6,
        dstPort: 7000,
        tcp: { seq: 4_294_967_000 + i * 100 - (i > 2 ? 2 ** 32 : 0), ack: 0, flags: 16, payload: 100 },
      });
      input.wire.in('sgw', 'eth0', sealed(inner, OLD, SGW));
    });
    // iperf3's control connection: other numbers, and a segment in the middle of the stall
    for (const t of [1500, 2100]) {
      const control = packet(ms(t), {
        src: VIP,
        dst: SERVED,
        protocol: 6,
        srcPort: 9,
        dstPort: 7000,
        tcp: { seq: 77, ack: 0, flags: 24, payload: 4 },
      });
      input.wire.in('sgw', 'eth0', sealed(control, OLD, SGW));
    }
    const facts = analyseRun(input);
    near(facts.metrics['T_STALLED.up'], 0.35);
    near(facts.flows.up!.interval, 0.05);
    expect(facts.flows.up).toMatchObject({ received: 9, duplicated: 0, reordered: 0 });
    expect(facts.metrics['loss.up']).toBeNull();
    expect(facts.notes.join()).toContain('TCP repairs loss itself');
  });
});
