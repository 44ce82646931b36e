import { expect, it } from 'vitest';
import { analyseRun, type MetricInput } from '../../src/metrics/index.ts';
import type { TimedEvent } from '../../src/types/experiment.ts';
import { cell, data, handover, ike, ms, NEW, OLD, packet, run, SERVED, SGW, sealed, VIP } from './build.ts';

function judge(input: MetricInput, name: string) {
  const facts = analyseRun(input);
  return { ...facts.gates.find((gate) => gate.name === name)!, valid: facts.valid };
}

it('an event that takes nothing away from any flow is no handover', () => {
  const event = (kind: 'admin-down' | 'carrier-off' | 'blackhole', name: string): TimedEvent => ({
    kind,
    node: 'mn',
    interface: name,
    at: 1,
  });
  const with_ = (...timeline: TimedEvent[]) => {
    const input = handover({ cell: cell({ timeline }) });
    return judge({ ...input, events: [{ ...input.events[0]!, index: timeline.length - 1 }] }, 'handover');
  };
  for (const kind of ['admin-down', 'carrier-off', 'blackhole'] as const) {
    expect(with_(event(kind, 'eth0')).ok).toBe(true);
    expect(with_(event(kind, 'eth1')).detail).toBe('the event took nothing away from any flow: none used mn:eth1');
  }
  // the timeline itself has moved the flows away before, to where they stay
  const route: TimedEvent = { kind: 'route-swap', node: 'mn', remove: [], add: [{ to: 'default', dev: 'eth1' }], at: 0.5 };
  const unused: TimedEvent = { kind: 'admin-down', node: 'mn', interface: 'eth2', at: 1 };
  expect(with_(route, unused).ok).toBe(true);
});

it('nor is one after which the flows go on where they were', () => {
  const input = handover({ nullEvent: true, cell: cell({ ipsec: [{ ...cell().ipsec[0]!, mobility: 'none' }] }) });
  const events = handover().events;
  expect(judge({ ...input, run: run(), events }, 'handover').detail).toMatch(
    /^the event took nothing away: \d+ packets of flows crossed mn:eth0 after it$/,
  );
});

it('a run that broke off is invalid with its own words', () => {
  expect(judge({ ...handover(), run: run({ error: 'charon died' }) }, 'complete')).toMatchObject({
    ok: false,
    detail: 'charon died',
    valid: false,
  });
});

it('one clear flow packet leaving the MN makes the run invalid', () => {
  const input = handover();
  input.wire.out('mn', 'eth1', data(ms(2110), 0, 111, ms(2110), VIP, SERVED));
  expect(judge(input, 'cleartext')).toMatchObject({
    ok: false,
    valid: false,
    detail: '1 packets 10.9.0.1 > 10.8.0.1 protocol 17 left mn:eth1',
  });
});

it('any other traffic between the protected sides is a leak as well, but only while flows run', () => {
  const input = handover();
  const ping = (t: number) => packet(t, { src: VIP, dst: SERVED, protocol: 1 });
  input.wire.out('mn', 'eth0', ping(ms(600)));
  input.wire.out('mn', 'eth1', ping(ms(4600)));
  expect(judge(input, 'cleartext').ok).toBe(true);
  input.wire.out('mn', 'eth0', ping(ms(1600)));
  expect(judge(input, 'cleartext')).toMatchObject({ ok: false, detail: '1 packets 10.9.0.1 > 10.8.0.1 protocol 1 left mn:eth0' });
});

it('in transport mode the address an event brings is a protected side too', () => {
  const fresh = '10.1.0.99';
  const transport = cell({
    ipsec: [{ ...cell().ipsec[0]!, mode: 'transport' }],
    timeline: [{ kind: 'readdress', node: 'mn', interface: 'eth0', from: `${OLD}/24`, to: `${fresh}/24`, routes: [], at: 1 }],
  });
  const input = handover({ cell: transport });
  expect(judge(input, 'cleartext').ok).toBe(true);
  input.wire.out('mn', 'eth0', ike(ms(2200), fresh, SGW, {}));
  expect(judge(input, 'cleartext').ok).toBe(true);
  input.wire.out('mn', 'eth0', packet(ms(2201), { src: fresh, dst: SGW, protocol: 1 }));
  expect(judge(input, 'cleartext').ok).toBe(false);
});

it('a clear arrival without a sealed twin is a leak, the decapsulated copy is not', () => {
  const input = handover();
  expect(judge(input, 'cleartext').ok).toBe(true);
  input.wire.in('sgw', 'eth0', data(ms(2111), 0, 111, ms(2110), VIP, SERVED));
  expect(judge(input, 'cleartext')).toMatchObject({ ok: false, detail: '1 packets flow up arrived in clear at sgw:eth0' });
});

it('a gateway may hear in clear what a host behind it sends into the tunnel', () => {
  const behind = cell({ flows: [cell().flows[0]!, { ...cell().flows[1]!, from: 'host' }] });
  const input = handover({ cell: behind });
  input.wire.in('sgw', 'eth0', data(ms(1499), 1, 50, ms(1499), SERVED, VIP));
  expect(judge(input, 'cleartext')).toMatchObject({ ok: true, detail: 'none' });
});

it('a flow that is clear by intent is no leak, nor are its replies', () => {
  const open = { ...cell().flows[0]!, name: 'open', port: 7002, protectedBy: null };
  const input = handover({ cell: cell({ flows: [...cell().flows, open] }) });
  input.wire.out('mn', 'eth0', data(ms(1500), 2, 0, ms(1500), VIP, SERVED));
  input.wire.out('sgw', 'eth0', packet(ms(1501), { src: SERVED, dst: VIP, protocol: 6, srcPort: 7002 }));
  expect(judge(input, 'cleartext').ok).toBe(true);
});

it('cannot be judged without a capture where protection begins', () => {
  const gate = judge({ ...handover(), captures: [] }, 'cleartext');
  expect(gate).toMatchObject({ ok: false, valid: false });
  expect(gate.detail).toContain('flow up: no capture where its protection begins');
});

it('capture drops invalidate, and so does a run without captures', () => {
  const [capture] = run().captures;
  expect(judge({ ...handover(), run: run({ captures: [{ ...capture!, dropped: 3 }] }) }, 'capture-drops')).toMatchObject({
    ok: false,
    valid: false,
    detail: 'mn:eth0 dropped 3 of 1000',
  });
  expect(judge({ ...handover(), run: run({ captures: [] }) }, 'capture-drops').ok).toBe(false);
});

it('xfrm errors are told and do not invalidate', () => {
  expect(judge({ ...handover(), run: run({ xfrmErrors: { sgw: { XfrmInNoStates: 2, XfrmInError: 0 } } }) }, 'xfrm-errors')).toMatchObject({
    ok: false,
    valid: true,
    detail: 'sgw XfrmInNoStates +2',
  });
});

it('undecrypted IKE or ESP invalidates and is counted', () => {
  const input = handover();
  input.wire.out('mn', 'eth1', ike(ms(2500), NEW, SGW, { messageId: 9, decrypted: false }));
  input.wire.out('mn', 'eth1', packet(ms(2501), { src: NEW, dst: SGW, protocol: 50, fragment: true }));
  const gate = judge(input, 'decrypted');
  expect(gate).toMatchObject({ ok: false, valid: false });
  expect(gate.detail).toMatch(/^not decrypted: 1 of 11 IKE messages, 1 of \d+ ESP packets \(1 are IP fragments/);
});

it('a protected flow without any ESP packet is not decrypted but missing', () => {
  const input = handover();
  for (const capture of input.captures) capture.packets = capture.packets.filter((seen) => seen.esp === null);
  expect(judge(input, 'decrypted').detail).toBe('no ESP packet of flow up; no ESP packet of flow down');
});

it('an event run without an answered UPDATE is no handover', () => {
  const input = handover();
  for (const capture of input.captures)
    capture.packets = capture.packets.filter(({ ike: info }) => !(info?.messageId === 3 && info.response));
  expect(judge(input, 'handover')).toMatchObject({ ok: false, valid: false, detail: expect.stringContaining('no handover observed') });
});

it('a flow that stays silent after the event is named', () => {
  const input = handover({ skip: (seq) => seq >= 100 });
  expect(judge(input, 'handover').detail).toBe('flow up did not resume; flow down did not resume');
  // and why, where its socket said so
  input.run = { ...input.run, flowErrors: { down: { ETIMEDOUT: 1 } } };
  expect(judge(input, 'handover').detail).toBe('flow up did not resume; flow down did not resume: it ended (ETIMEDOUT)');
});

it('an event that was never issued is no handover', () => {
  expect(judge({ ...handover(), events: [] }, 'handover')).toMatchObject({ ok: false, detail: 'the event was never issued' });
});

it('the receiver must have logged what the wire shows, unless its kernel refused it', () => {
  const input = handover();
  input.deliveries.up = input.deliveries.up!.filter(([seq]) => seq !== 113 && seq !== 114);
  expect(judge(input, 'receiver-log')).toMatchObject({
    ok: false,
    valid: false,
    detail: 'up: 2 packets on the wire only, 0 IPsec errors at sgw',
  });
  expect(judge({ ...input, run: run({ xfrmErrors: { sgw: { XfrmOutNoStates: 2 } } }) }, 'receiver-log').ok).toBe(false);
  const refused = { ...input, run: run({ xfrmErrors: { sgw: { XfrmInNoStates: 2 } } }) };
  expect(judge(refused, 'receiver-log')).toMatchObject({ ok: true, detail: 'up: 2 packets arrived and were refused by IPsec at sgw' });
  expect(analyseRun(refused).metrics['T_STALLED.up']).toBeCloseTo(0.16, 9);
});

it('the wire must show what the receiver logged', () => {
  const input = handover();
  input.deliveries.up!.push([105, ms(2050), ms(2052)]);
  expect(judge(input, 'receiver-log').detail).toBe("up: 1 packets in the receiver's log only");
  delete input.deliveries.up;
  expect(judge(input, 'receiver-log').detail).toBe('up: the receiver left no log');
});

it('packets for an address a readdress took away are neither deliveries nor a contradiction', () => {
  const fresh = '10.1.0.99';
  const event = {
    kind: 'readdress' as const,
    node: 'mn',
    interface: 'eth0',
    from: `${OLD}/24`,
    to: `${fresh}/24`,
    routes: [],
    at: 1,
  } satisfies TimedEvent;
  const input = handover({ cell: cell({ timeline: [event] }) });
  input.events[0]!.kind = 'readdress';
  const late = (t: number, seq: number, outer: string) =>
    input.wire.in('mn', 'eth0', sealed(data(ms(t), 1, seq, ms(t - 2), SERVED, VIP), SGW, outer, seq));
  // 1999.7 is between command and confirmation; the last copy arrived before the one that was delivered
  late(1999.7, 100, OLD);
  late(2012, 101, OLD);
  late(2022, 113, OLD);
  const facts = analyseRun(input);
  expect(facts.gates.find(({ name }) => name === 'receiver-log')).toMatchObject({
    ok: true,
    detail: 'down: 2 packets arrived for an address mn had given up',
  });
  expect(facts.flows.down).toMatchObject({ received: 287, lost: 13, duplicated: 0 });
  expect(facts.metrics['T_STALLED.down']).toBeCloseTo(0.14, 9);
  late(2014, 102, NEW);
  expect(judge(input, 'receiver-log')).toMatchObject({ ok: false, detail: expect.stringContaining('1 packets on the wire only') });
});

it('before the command a packet for the old address is one the receiver must have logged', () => {
  const event = {
    kind: 'readdress' as const,
    node: 'mn',
    interface: 'eth0',
    from: `${OLD}/24`,
    to: '10.1.0.99/24',
    routes: [],
    at: 1,
  } satisfies TimedEvent;
  const input = handover({ cell: cell({ timeline: [event] }) });
  input.deliveries.down = input.deliveries.down!.filter(([seq]) => seq !== 80);
  expect(judge(input, 'receiver-log')).toMatchObject({ ok: false, detail: 'down: 1 packets on the wire only, 0 IPsec errors at mn' });
});

it('flows that end before charon repeats a lost message are told to be too short', () => {
  const advice = 'flows ended 2.0 s after the event; charon repeats a lost message only after 4 s: make `duration` longer';
  const lost = handover({ skip: (seq) => seq >= 100 });
  for (const { packets } of lost.captures)
    packets.splice(0, Infinity, ...packets.filter(({ ike: i }) => !(i?.messageId === 3 && i.response)));
  expect(judge(lost, 'handover')).toMatchObject({ ok: false, valid: false, detail: expect.stringContaining(`did not resume; ${advice}`) });
  // six seconds would have been enough for a repeat: length is not what went wrong
  const flowsStop = ms(8000);
  const long = { ...lost, run: run({ flowsStop, flowsSent: { up: 700, down: 700 } }) };
  expect(judge(long, 'handover').detail).toMatch(/did not resume$/);
});

it('a route-swap that only adds asks for no UPDATE', () => {
  const add = [{ to: 'default', via: '10.2.0.1' }];
  const swap = (remove: typeof add) =>
    ({ ...handover({ cell: cell({ timeline: [{ kind: 'route-swap', node: 'mn', remove, add, at: 1 }] }) }) }) as MetricInput;
  const withoutUpdate = (input: MetricInput) => {
    for (const capture of input.captures) capture.packets = capture.packets.filter(({ ike: info }) => info?.messageId !== 3);
    return judge(input, 'handover').ok;
  };
  expect(withoutUpdate(swap([]))).toBe(true);
  expect(withoutUpdate(swap(add))).toBe(false);
});

it('an address is gone when its local route is: until then IP still delivers', () => {
  const event: TimedEvent = { kind: 'readdress', node: 'mn', interface: 'eth0', from: `${OLD}/24`, to: '10.1.0.99/24', routes: [], at: 1 };
  const input = handover({ cell: cell({ timeline: [event] }) });
  const late = (t: number, seq: number) => input.wire.in('mn', 'eth0', sealed(data(ms(t), 1, seq, ms(t - 2), SERVED, VIP), SGW, OLD, seq));
  late(2000.2, 100);
  late(2000.4, 101);
  input.deliveries.down!.push([100, ms(1998.2), ms(2000.2)]);
  expect(judge(input, 'receiver-log')).toMatchObject({
    ok: false,
    detail: expect.stringContaining("1 packets in the receiver's log only"),
  });
  input.events[0]!.notifications = [
    { t: ms(2000), what: `mn: address del ${OLD}/24` },
    { t: ms(2000.3), what: 'mn: route del 10.1.0.0/24' },
    { t: ms(2001), what: `mn: route del ${OLD}/32` },
  ];
  expect(judge(input, 'receiver-log')).toMatchObject({ ok: true, detail: 'down: 1 packets arrived for an address mn had given up' });
});
