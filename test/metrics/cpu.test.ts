import { expect, it } from 'vitest';
import { analyseRun, type MetricInput } from '../../src/metrics/index.ts';
import type { DeliveryRecord } from '../../src/types/run.ts';
import { cell, data, flow, MAC, ms, packet, run, SERVED, sealed, VIP } from './build.ts';

const [OLD, SGW] = ['10.1.0.2', '10.3.0.2'];

/** us from sending to each stamp of one packet: at the MN, the router and the gateway. */
const STEPS = { left: 30, routerIn: 35, routerOut: 45, arrived: 50, read: 90 };

/** 20 packets, one each 10 ms from 1000 ms on, in ESP over a router; `disturb` may add packets. */
function counted(disturb: (add: (t: number) => void) => void = () => undefined): MetricInput {
  const tap = (node: string, name: string, mac: string) => ({ node, interface: name, mac, packets: [] as ReturnType<typeof packet>[] });
  const [mn, near, far, sgw] = [
    tap('mn', 'eth0', MAC.mn0),
    tap('router', 'a', 'aa'),
    tap('router', 'b', 'bb'),
    tap('sgw', 'eth0', MAC.sgw),
  ];
  const log: DeliveryRecord[] = [];
  for (let seq = 0; seq < 20; seq += 1) {
    const sent = ms(1000 + 10 * seq);
    // packets get dearer: a median is none of the ends
    const at = (us: number) => sent + (us + seq) * 1000;
    const seen = (us: number) => sealed(data(at(us), 0, seq, sent, VIP, SERVED), OLD, SGW, seq);
    mn.packets.push({ ...seen(STEPS.left), srcMac: mn.mac });
    near.packets.push({ ...seen(STEPS.routerIn), dstMac: near.mac });
    far.packets.push({ ...seen(STEPS.routerOut), srcMac: far.mac });
    sgw.packets.push({ ...seen(STEPS.arrived), dstMac: sgw.mac });
    sgw.packets.push({ ...data(at(STEPS.arrived) + 3000, 0, seq, sent, VIP, SERVED), dstMac: sgw.mac });
    log.push([seq, sent, at(STEPS.arrived + 5), at(STEPS.read)]);
  }
  disturb((t) => far.packets.push(packet(t, { ipVersion: 0, protocol: -1 })));
  return {
    cell: cell({ flows: [flow('up', 0)], timeline: [], measure: ['CPU'] }),
    run: run({ flowsSent: { up: 20 }, eventDue: null }),
    events: [],
    captures: [mn, near, far, sgw],
    logs: [],
    deliveries: { up: log },
    cpuRate: 1e9,
  };
}

it('counts what each node does for one packet', () => {
  const { metrics } = analyseRun(counted());
  // median of 30..49 us, 10 us at the router whatever the packet, 40 us to read it
  expect(metrics['CPU.mn.up']).toBeCloseTo(39_500, 3);
  expect(metrics['CPU.router.up']).toBeCloseTo(10_000, 3);
  expect(metrics['CPU.sgw.up']).toBeCloseTo(40_000, 3);
});

it('leaves out what is not this packet alone', () => {
  // an ARP request while the first 18 are at the sender, and while one is at the router
  const disturbed = counted((add) => {
    for (let seq = 0; seq < 18; seq += 1) add(ms(1000 + 10 * seq) + 7000);
    add(ms(1190) + 60_000);
  });
  const { metrics } = analyseRun(disturbed);
  expect(metrics['CPU.mn.up']).toBeCloseTo(48_500, 3);
  expect(metrics['CPU.router.up']).toBeCloseTo(10_000, 3);
  const busy = counted((add) => {
    for (let seq = 0; seq < 20; seq += 1) add(ms(1000 + 10 * seq) + 7000);
  });
  const facts = analyseRun(busy);
  expect(facts.metrics['CPU.mn.up']).toBeNull();
  expect(facts.notes).toContain('CPU.mn.up: no packet before the event had the CPU for itself');
});

it('another flow that is being sent is no part of it either', () => {
  const input = counted();
  const both = cell({ flows: [flow('up', 0), flow('down', 1)], timeline: [], measure: ['CPU'] });
  const stamps = input.deliveries.up!.map(([seq, sent]): DeliveryRecord => [seq, sent + 10_000, sent + 60_000_000]);
  const facts = analyseRun({ ...input, cell: both, deliveries: { ...input.deliveries, down: stamps } });
  expect(facts.metrics['CPU.mn.up']).toBeNull();
  expect(facts.metrics['CPU.router.up']).toBeCloseTo(10_000, 3);
  expect(facts.metrics).not.toHaveProperty('CPU.sgw.down');
});

it('is null with the real clock, and absent when nobody asked or stamped', () => {
  const { cpuRate: _, ...real } = counted();
  const facts = analyseRun(real);
  expect(facts.metrics['CPU.mn.up']).toBeNull();
  expect(facts.notes).toContain('CPU.mn.up: only the virtual clock counts instructions');
  const input = counted();
  const without = (changed: Partial<MetricInput>) =>
    Object.keys(analyseRun({ ...input, ...changed }).metrics).filter((name) => /^CPU/.test(name));
  expect(without({ cell: { ...input.cell, measure: ['loss'] } })).toEqual([]);
  expect(without({ deliveries: { up: input.deliveries.up!.map(([seq, sent, received]) => [seq, sent, received]) } })).toEqual([]);
});
