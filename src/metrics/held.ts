/**
 * Which addresses a node holds at an instant. A packet can still reach an interface whose address a `readdress` has taken
 * away: the tap shows it, IP drops it before IPsec sees it, and no counter of IPsec rises.
 */
import type { EventRecord, Nanoseconds } from '../types/run.ts';
import { AddressSet, withoutPrefix } from './address.ts';
import type { MetricInput } from './input.ts';

interface Change {
  address: AddressSet;
  held: boolean;
  /** the kernel made the change between the two */
  possibly: Nanoseconds;
  certainly: Nanoseconds;
}

/**
 * True when `address` was certainly or possibly not one of `node`'s at `t` (ns since epoch).
 * False for an address no event ever touched.
 */
export function notHeld(input: MetricInput, node: string): (address: string, t: Nanoseconds, by: 'possibly' | 'certainly') => boolean {
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
    const from = new AddressSet([withoutPrefix(event.from)]);
    const possibly = record.issued;
    const confirmed = record.confirmed ?? record.issued;
    return [
      { address: from, held: false, possibly, certainly: Math.max(confirmed, unrouted(record, from)) },
      { address: new AddressSet([withoutPrefix(event.to)]), held: true, possibly, certainly: confirmed },
    ];
  });
  return changes.sort((a, b) => a.possibly - b.possibly);
}

/** When the address's local route went: until then, 1 ms after the address itself, IP still delivers. 0 when nobody saw it. */
function unrouted({ notifications, issued }: EventRecord, address: AddressSet): Nanoseconds {
  const gone = notifications.find(({ t, what }) => {
    const host = / route del (\S+)\/(?:32|128)$/.exec(what)?.[1];
    return t >= issued && host !== undefined && address.has(host);
  });
  return gone?.t ?? 0;
}
