/**
 * What a flow's receiver got, from the capture at the receiving node.
 *
 * For a flow whose protection ends at the receiver only sealed packets count, so the decapsulated copy a tap shows on ingress is not a
 * second delivery; behind a gateway the flow arrives in clear by design and clear packets count. A packet can reach
 * the wire and still be refused by the receiver's kernel (no matching SA while addresses move, or an address that is gone):
 * arrivals whose sequence number the receiver's own log lacks, or whose outer destination it no longer held, are no deliveries. Of an sctp
 * chunk that was sent again the log tells which copy it was: what is in order is read at once.
 *
 * Of mptcp the log itself is what was delivered: the sequence numbers of its subflows say nothing about the connection.
 */
import type { Flow } from '../types/experiment.ts';
import type { DeliveryRecord, Nanoseconds } from '../types/run.ts';
import { notHeld } from './held.ts';
import type { MetricInput } from './input.ts';
import { messageOfChunks } from './messages.ts';
import { endsAt } from './protection.ts';
import { type FlowSighting, sightingsAt, type Trace } from './sighting.ts';

export interface Delivery {
  t: Nanoseconds;
  seq: number;
  /** numbers it takes: octets of a TCP segment, else 1 */
  span: number;
  /** octets of user data */
  octets: number;
  sent: Nanoseconds | null;
}

/** ns in which a receiver reads what it can read */
const READ_WITHIN = 10e6;

/** Packets of the flow that reached an interface of its receiver, by time, repeats included. */
export function arrivalsOf(input: MetricInput, trace: Trace, flow: Flow): FlowSighting[] {
  const arrivals = sightingsAt(trace.flows.get(flow.name), flow.to, 'in', endsAt(input, flow, flow.to));
  return flow.kind === 'tcp' ? busiestConnection(arrivals) : arrivals;
}

/** A bulk sender also keeps a control connection to the same port; its numbers are another stream's. */
function busiestConnection(arrivals: FlowSighting[]): FlowSighting[] {
  const counts = new Map<number, number>();
  for (const { inner } of arrivals) counts.set(inner.srcPort, (counts.get(inner.srcPort) ?? 0) + 1);
  const [busiest] = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [-1, 0]);
  return arrivals.filter(({ inner }) => inner.srcPort === busiest);
}

/** Arrivals the receiver's kernel passed on, by time, repeats included. Without a log every arrival at an address it held counts. */
export function deliveriesOf(input: MetricInput, trace: Trace, flow: Flow): Delivery[] {
  const log = input.deliveries[flow.name];
  if (flow.kind === 'mptcp') {
    const read = (log ?? []).map(([seq, sent, t]) => ({ t, seq, span: 1, octets: flow.size, sent }));
    return read.sort((a, b) => a.t - b.t);
  }
  const gone = notHeld(input, flow.to);
  const arrivals = arrivalsOf(input, trace, flow).filter(({ outer, t }) => !gone(outer.dst, t, 'certainly'));
  if (log === undefined) return arrivals;
  if (flow.kind === 'sctp') return inboundErrors(input, flow.to) > 0 ? withoutRefused(arrivals, log) : arrivals;
  if (flow.kind !== 'udp') return arrivals;
  const accepted = new Set(log.map(([seq]) => seq));
  return arrivals.filter((seen) => accepted.has(seen.seq));
}

/** How often a node's kernel refused an incoming packet because of IPsec. */
export function inboundErrors({ run }: MetricInput, node: string): number {
  const counters = Object.entries(run.xfrmErrors[node] ?? {}).filter(([name]) => !name.startsWith('XfrmOut'));
  return counters.reduce((sum, [, count]) => sum + count, 0);
}

/**
 * Chunks without the copies whose message was read long after, when another copy had come. One that was accepted and waited for a hole to be
 * filled may be taken out too: the stream goes on with the later one all the same.
 */
function withoutRefused(arrivals: FlowSighting[], log: readonly DeliveryRecord[]): FlowSighting[] {
  const read = new Map(log.map(([message, , t]) => [message, t]));
  const numbers = messageOfChunks(arrivals);
  const readAt = (seq: number): Nanoseconds => read.get(numbers.get(seq) ?? -1) ?? Number.NEGATIVE_INFINITY;
  const last = new Map<number, Nanoseconds>();
  for (const { seq, t } of arrivals) if (t <= readAt(seq)) last.set(seq, t);
  return arrivals.filter(({ seq, t }) => readAt(seq) - t <= READ_WITHIN || t >= (last.get(seq) ?? t));
}

/** User data that left the flow's sender as the capture there shows it, by time, repeats included; empty without one. */
export function departuresOf(input: MetricInput, trace: Trace, flow: Flow): FlowSighting[] {
  const departures = sightingsAt(trace.flows.get(flow.name), flow.from, 'out', endsAt(input, flow, flow.from));
  return flow.kind === 'tcp' ? busiestConnection(departures) : departures;
}
