/**
 * What a flow's receiver got, from the capture at the receiving node.
 *
 * For a flow whose IPsec ends at the receiver only ESP counts, so the decapsulated copy a tap shows on ingress is not a
 * second delivery; behind a gateway the flow arrives in clear by design and clear packets count. A packet can reach
 * the wire and still be refused by the receiver's kernel (no matching SA while addresses move, or an address that is gone):
 * arrivals whose sequence number the receiver's own log lacks, or whose outer destination it no longer held, are no deliveries.
 */
import type { Flow } from '../types/experiment.ts';
import type { Nanoseconds } from '../types/run.ts';
import { notHeld } from './held.ts';
import type { MetricInput } from './input.ts';
import type { FlowSighting, Trace } from './trace.ts';

export interface Delivery {
  t: Nanoseconds;
  seq: number;
  sent: Nanoseconds | null;
}

/** True when the flow's protection begins or ends at `node`. */
export function endsAt(input: MetricInput, flow: Flow, node: string): boolean {
  const connection = input.cell.ipsec.find((candidate) => candidate.name === flow.protectedBy);
  return connection !== undefined && (connection.initiator === node || connection.responder === node);
}

/** Packets of the flow that reached an interface of its receiver, by time, repeats included. */
export function arrivalsOf(input: MetricInput, trace: Trace, flow: Flow): FlowSighting[] {
  const sealed = endsAt(input, flow, flow.to);
  const all = trace.flows.get(flow.name) ?? [];
  const arrivals = all.filter((seen) => seen.node === flow.to && seen.way === 'in' && seen.sealed === sealed);
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
export function deliveriesOf(input: MetricInput, trace: Trace, flow: Flow): FlowSighting[] {
  const gone = notHeld(input, flow.to);
  const arrivals = arrivalsOf(input, trace, flow).filter(({ outer, t }) => !gone(outer.dst, t, 'certainly'));
  const log = flow.kind === 'udp' ? input.deliveries[flow.name] : undefined;
  if (log === undefined) return arrivals;
  const accepted = new Set(log.map(([seq]) => seq));
  return arrivals.filter((seen) => accepted.has(seen.seq));
}
