/** The messages whose chunks arrived: fragments have consecutive TSNs from the one that begins the message to the one that ends it (RFC 9260 section 6.9). */
import { firstArrivals } from './sequence.ts';
import type { FlowSighting } from './sighting.ts';

/** Octets of each whole message by its number; a message without a header of ours has none. */
export function messagesOf(chunks: readonly FlowSighting[]): Map<number, number> {
  const found = new Map<number, number>();
  let open: { message: number; octets: number; next: number } | null = null;
  for (const { seq, octets, message, chunk } of firstArrivals(chunks).sort((a, b) => a.seq - b.seq)) {
    if (chunk?.begin) open = message == null ? null : { message, octets, next: seq + 1 };
    else if (open !== null && seq === open.next) open = { message: open.message, octets: open.octets + octets, next: seq + 1 };
    else open = null;
    if (open === null || !chunk?.end) continue;
    found.set(open.message, open.octets);
    open = null;
  }
  return found;
}
