/**
 * What is new about a packet the MN sends after t0. With IPsec it is the outer source address: the kernel sends ESP that
 * still carries the old address out of the next interface as soon as the route falls over, long before IKE has moved
 * anything, and such a packet is no sign of the system having moved. Nor is a clear one: a socket without an address of its own
 * sends from the new address at once, protected or not. Without IPsec the interface or the address changes.
 *
 * IKE and data each have their own past: a path that IKE made ready before t0 is new to the data that moves to it.
 */
import type { Nanoseconds } from '../types/run.ts';
import { type MetricInput, mobileConnection, mobileNode } from './input.ts';
import type { Sighting, Trace } from './trace.ts';

/** What the MN itself sent, by time: IKE messages and flow packets; with IPsec only protected ones. */
export function sentBy(input: MetricInput, trace: Trace): Sighting[] {
  const mobile = mobileNode(input.cell);
  const secured = mobileConnection(input.cell) !== null;
  const data = [...trace.flows.values()].flat().filter(({ sealed }) => sealed || !secured);
  return [...trace.ike, ...data].filter((seen) => seen.node === mobile && seen.way === 'out').sort((a, b) => a.t - b.t);
}

/** A predicate: does this packet of the MN use an address (without IPsec: or an interface) its kind had not used before `t0`? */
export function newPath(input: MetricInput, trace: Trace, t0: Nanoseconds): (seen: Sighting) => boolean {
  const secured = mobileConnection(input.cell) !== null;
  const pathOf = ({ outer, interface: name }: Sighting): string =>
    secured ? `${outer.ike === null ? 'data' : 'ike'} ${outer.src}` : `${name} ${outer.src}`;
  const used = new Set<string>();
  for (const seen of sentBy(input, trace)) if (seen.t < t0) used.add(pathOf(seen));
  return (seen) => !used.has(pathOf(seen));
}
