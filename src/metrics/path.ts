/**
 * The MN's paths: a path is an interface and the outer source address used on it. One that carried IKE or flow packets
 * before t0 is old, any other is new. This covers a readdress (new address, same interface), the loss of a primary
 * interface (both new) and an address that moves to another interface (same address, other interface) with one rule.
 */
import type { Nanoseconds } from '../types/run.ts';
import type { Sighting, Trace } from './trace.ts';

/** What the MN itself sent: IKE messages and flow packets, by time. */
export function sentBy(trace: Trace, node: string): Sighting[] {
  const all: Sighting[] = [...trace.ike, ...[...trace.flows.values()].flat()];
  return all.filter((seen) => seen.node === node && seen.way === 'out').sort((a, b) => a.t - b.t);
}

/** A predicate: is the path of this sighting one that `node` had not used before `t0`? */
export function newPath(trace: Trace, node: string, t0: Nanoseconds): (seen: Sighting) => boolean {
  const used = new Set(
    sentBy(trace, node)
      .filter((seen) => seen.t < t0)
      .map(pathOf),
  );
  return (seen) => !used.has(pathOf(seen));
}

function pathOf(seen: Sighting): string {
  return `${seen.interface} ${seen.outer.src}`;
}
