/**
 * Which addresses a node holds at an instant. A packet can still reach an interface whose address a `readdress` has taken
 * away: the tap shows it, IP drops it before IPsec sees it, and no counter of IPsec rises.
 */
import type { Nanoseconds } from '../types/run.ts';
import { AddressSet, withoutPrefix } from './address.ts';
import type { MetricInput } from './input.ts';

interface Change {
  address: AddressSet;
  held: boolean;
  /** the kernel acted in between: at `issued` the change may have been made, at `confirmed` it has been */
  issued: Nanoseconds;
  confirmed: Nanoseconds;
}

/**
 * True when `address` was certainly ('confirmed') or possibly ('issued') not one of `node`'s at `t` (ns since epoch).
 * False for an address no event ever touched.
 */
export function notHeld(input: MetricInput, node: string): (address: string, t: Nanoseconds, by: 'issued' | 'confirmed') => boolean {
  const own = input.run.interfaces.filter((entry) => entry.node === node).flatMap((entry) => entry.addresses);
  const atStart = new AddressSet(own.map(withoutPrefix));
  const changes = changesOf(input, node);
  return (address, t, by) => {
    const mine = changes.filter((change) => change.address.has(address));
    if (mine.length === 0) return false;
    const last = mine.findLast((change) => change[by] <= t);
    // before its first change an address that comes is not there yet, one that goes still is
    return last === undefined ? mine[0]!.held && !atStart.has(address) : !last.held;
  };
}

function changesOf({ cell, events }: MetricInput, node: string): Change[] {
  const changes = events.flatMap((record): Change[] => {
    const event = cell.timeline[record.index];
    if (event?.kind !== 'readdress' || event.node !== node) return [];
    const when = { issued: record.issued, confirmed: record.confirmed ?? record.issued };
    return [
      { address: new AddressSet([withoutPrefix(event.from)]), held: false, ...when },
      { address: new AddressSet([withoutPrefix(event.to)]), held: true, ...when },
    ];
  });
  return changes.sort((a, b) => a.issued - b.issued);
}
