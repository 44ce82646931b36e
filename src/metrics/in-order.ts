/**
 * What a TCP application got to read, and when. A segment beyond a hole is no progress: its octets wait in the receiver until
 * the hole is filled, and are read together with the octets that fill it.
 */
import type { SequenceCounts } from './sequence.ts';
import type { FlowSighting } from './trace.ts';

export interface InOrder {
  /** arrivals that moved the end of the contiguous stream, by time */
  progress: FlowSighting[];
  /** segments: received brought new octets, duplicated only known ones, reordered came after later octets. TCP loses nothing. */
  counts: SequenceCounts;
}

/** Follows one direction of a connection from its first captured segment; 32-bit serial numbers (RFC 9293 section 3.4). */
export function inOrder(segments: FlowSighting[]): InOrder {
  const progress: FlowSighting[] = [];
  const counts: SequenceCounts = { received: 0, lost: 0, duplicated: 0, reordered: 0 };
  // numbers here count octets from the first segment, so they never wrap
  let next = 0;
  let highest = 0;
  let lastSeq = segments[0]?.seq ?? 0;
  let lastPosition = 0;
  const waiting = new Map<number, number>();
  for (const segment of segments) {
    const start = lastPosition + ((segment.seq - lastSeq) | 0);
    const end = start + (segment.inner.tcp?.payload ?? 0);
    lastSeq = segment.seq;
    lastPosition = start;
    if (end <= next || (waiting.get(start) ?? start) >= end) {
      counts.duplicated += 1;
      continue;
    }
    counts.received += 1;
    if (start < highest) counts.reordered += 1;
    highest = Math.max(highest, end);
    if (start > next) {
      waiting.set(start, end);
      continue;
    }
    next = Math.max(end, drain(waiting, end));
    progress.push(segment);
  }
  return { progress, counts };
}

/** Takes out the segments that have become contiguous with `next`; returns the new end of the stream. */
function drain(waiting: Map<number, number>, next: number): number {
  let reached = next;
  for (const [start, end] of [...waiting].sort(([a], [b]) => a - b)) {
    if (start > reached) break;
    reached = Math.max(reached, end);
    waiting.delete(start);
  }
  return reached;
}
