import { expect, it } from 'vitest';
import { analyseRun, type MetricInput } from '../../src/metrics/index.ts';
import type { DeliveryRecord } from '../../src/types/run.ts';
import { cell, flow, ms, NEW, OLD, packet, run, SGW, Wire } from './build.ts';

const mptcp = flow('up', 0, {
  kind: 'mptcp',
  source: OLD,
  sources: [OLD, NEW],
  destination: SGW,
  destinations: [SGW],
  client: 'mn',
  size: 1000,
  protectedBy: null,
});

/** 100 messages/s over one subflow until 2000 ms, over the other from 2300 on, when all that waited is read at once. */
function handover(): MetricInput {
  const wire = new Wire();
  const log: DeliveryRecord[] = [];
  const segment = (t: number, src: string, seq: number, fields = {}) =>
    packet(ms(t), {
      src,
      dst: SGW,
      protocol: 6,
      srcPort: 40_000,
      dstPort: 7000,
      tcp: { seq, ack: 1, flags: 24, payload: 1000, ...fields },
    });
  // the second subflow is set up before it carries anything
  wire.out('mn', 'eth1', segment(900, NEW, 77, { flags: 2, payload: 0 }));
  wire.out('mn', 'eth1', segment(904, NEW, 78, { flags: 16, payload: 0 }));
  for (let seq = 0; seq < 300; seq += 1) {
    const t = 1000 + 10 * seq;
    const left = t < 2000 ? t : Math.max(t, 2300);
    wire.out('mn', t < 2000 ? 'eth0' : 'eth1', segment(left, t < 2000 ? OLD : NEW, 5000 + seq * 1000));
    wire.in('sgw', 'eth0', segment(left + 2, t < 2000 ? OLD : NEW, 5000 + seq * 1000));
    log.push([seq, ms(t), ms(left + 2.1)]);
  }
  return {
    cell: cell({ ipsec: [], flows: [mptcp] }),
    run: run({ flowsSent: { up: 300 } }),
    events: [{ index: 0, kind: 'admin-down', node: 'mn', requested: ms(2000), issued: ms(2000), confirmed: ms(2000), notifications: [] }],
    captures: wire.captures,
    logs: [],
    deliveries: { up: log },
  };
}

it('is measured by the log of its receiver', () => {
  const facts = analyseRun(handover());
  expect(facts.flows.up).toMatchObject({ sent: 300, received: 300, lost: 0, interval: 0.01 });
  expect(facts.metrics['T_STALLED.up']).toBeCloseTo(0.31, 9);
  expect(facts.metrics['throughput.up']).toBeCloseTo(100 * 1000 * 8, 3);
  expect(facts.metrics['T_RECOVER.up']).toBeCloseTo(0.3021, 9);
  expect(facts.metrics).not.toHaveProperty('retransmitted.up');
  expect(facts.metrics.T_SYS).toBeCloseTo(0.3, 9);
  expect(facts.notes.join()).toContain('sequence numbers of subflows say nothing about the connection');
  expect(facts.gates.filter((gate) => !gate.ok)).toEqual([]);
  expect(facts.gates.find(({ name }) => name === 'receiver-log')!.detail).toMatch(/^up: 300 messages by the receiver's own log/);
});

it('has nowhere to move to when its subflows had used every address before', () => {
  const input = handover();
  const [eth0, eth1] = [input.captures[0]!, input.captures[1]!];
  const early = eth0.packets.filter(({ t }) => t > ms(1900)).map((one) => ({ ...one, src: NEW, srcMac: eth1.mac }));
  eth1.packets.push(...early);
  const facts = analyseRun(input);
  expect(facts.metrics.T_SYS).toBeNull();
  expect(facts.notes).toContain('T_SYS: flows had used every address of the MN before the event: none was left to move to');
});

it('that never comes back did not resume', () => {
  const input = handover();
  const facts = analyseRun({ ...input, deliveries: { up: input.deliveries.up!.slice(0, 100) } });
  expect(facts.flows.up!.outage).toBe('not-resumed');
  expect(facts.metrics['T_RECOVER.up']).toBeNull();
  expect(analyseRun({ ...input, deliveries: {} }).valid).toBe(false);
});
