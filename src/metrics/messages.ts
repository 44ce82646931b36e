/** The messages whose chunks arrived: fragments have consecutive TSNs from the one that begins the message to the one that ends it (RFC 9260 section 6.9). */
import { firstArrivals } from './sequence.ts';
import type { FlowSighting } from './sighting.ts';

interface Message {
  message: number;
  /** numbers of its chunks, [first, next) */
  first: number;
  next: number;
  octets: number;
}

/** Octets of each whole message by its number; a message without a header of ours has none. */
export function messagesOf(chunks: readonly FlowSighting[]): Map<number, number> {
  return new Map(whole(chunks).map(({ message, octets }) => [message, octets]));
}

/** The number of the message each chunk of a whole message is of, by the number of the chunk. */
export function messageOfChunks(chunks: readonly FlowSighting[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const { message, first, next } of whole(chunks)) for (let seq = first; seq < next; seq += 1) found.set(seq, message);
  return found;
}

function whole(chunks: readonly FlowSighting[]): Message[] {
  const found: Message[] = [];
  let open: Message | null = null;
  for (const { seq, octets, message, chunk } of firstArrivals(chunks).sort((a, b) => a.seq - b.seq)) {
    if (chunk?.begin) open = message == null ? null : { message, first: seq, next: seq + 1, octets };
    else if (open !== null && seq === open.next)
      open = { message: open.message, first: open.first, next: seq + 1, octets: open.octets + octets };
    else open = null;
    if (open === null || !chunk?.end) continue;
    found.push(open);
    open = null;
  }
  return found;
}
