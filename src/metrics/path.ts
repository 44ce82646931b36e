/**
 * What is new about a packet the MN sends after t0. With IPsec it is the outer source address: the kernel sends ESP that
 * still carries the old address out of the next interface as soon as the route falls over, long before IKE has moved
 * anything, and such a packet is no sign of the system having moved. Without IPsec a flow's address is fixed and only the
 * interface can change.
 */
import type { Nanoseconds } from '../types/run.ts';
import { type MetricInput, mobileConnection, mobileNode } from './input.ts';
import type { Sighting, Trace } from './trace.ts';

/** What the MN itself sent: IKE messages and flow packets, by time. */
export function sentBy(trace: Trace, node: string): Sighting[] {
  const all: Sighting[] = [...trace.ike, ...[...trace.flows.values()].flat()];
  return all.filter((seen) => seen.node === node && seen.way === 'out').sort((a, b) => a.t - b.t);
}

/** A predicate: does this packet of the MN use an address (without IPsec: an interface) it had not used before `t0`? */
export function newPath(input: MetricInput, trace: Trace, t0: Nanoseconds): (seen: Sighting) => boolean {
  const secured = mobileConnection(input.cell) !== null;
  const pathOf = (seen: Sighting): string => (secured ? seen.outer.src : seen.interface);
  const used = new Set<string>();
  for (const seen of sentBy(trace, mobileNode(input.cell))) if (seen.t < t0) used.add(pathOf(seen));
  return (seen) => !used.has(pathOf(seen));
}
