/**
 * What the application got to read of a stream whose parts may come in any order, and when. A segment beyond a hole is no progress: it
 * waits in the receiver until the hole is filled, and is read together with what fills it. Numbers are octets for TCP and DATA chunks
 * for SCTP.
 */
import { firstIndex } from './bisect.ts';
import type { Delivery } from './deliveries.ts';
import type { SequenceCounts } from './sequence.ts';

export interface InOrder {
  /** arrivals that moved the end of the contiguous stream, by time */
  progress: Delivery[];
  /** numbers by which each of them moved it */
  gains: number[];
  /** segments: received brought new numbers, duplicated only known ones, reordered came after later numbers. Nothing is lost. */
  counts: SequenceCounts;
}

type Range = [start: number, end: number];

/**
 * Follows one direction of a connection; 32-bit serial numbers (RFC 9293 section 3.4, RFC 9260 section 1.6). `origin`: the first number
 * of the stream; left out, that of the first segment.
 */
export function inOrder(segments: readonly Delivery[], origin?: number): InOrder {
  const progress: Delivery[] = [];
  const gains: number[] = [];
  const counts: SequenceCounts = { received: 0, lost: 0, duplicated: 0, reordered: 0 };
  // positions here count from the origin, so they never wrap
  let next = 0;
  let highest = 0;
  let lastSeq = origin ?? segments[0]?.seq ?? 0;
  let lastPosition = 0;
  /** beyond a hole; by start */
  const waiting: Range[] = [];
  for (const segment of segments) {
    const start = lastPosition + ((segment.seq - lastSeq) | 0);
    const end = start + segment.span;
    lastSeq = segment.seq;
    lastPosition = start;
    const place = placeOf(waiting, start);
    const there = waiting[place];
    const same = there !== undefined && there[0] === start ? there : null;
    if (end <= next || (same?.[1] ?? start) >= end) {
      counts.duplicated += 1;
      continue;
    }
    counts.received += 1;
    if (start < highest) counts.reordered += 1;
    highest = Math.max(highest, end);
    if (start > next) {
      waiting.splice(place, same === null ? 0 : 1, [start, end]);
      continue;
    }
    const reached = drain(waiting, end);
    progress.push(segment);
    gains.push(reached - next);
    next = reached;
  }
  return { progress, gains, counts };
}

/** Index of the first range that begins at `start` or later. Most segments come in order, so it is looked for from the end. */
function placeOf(waiting: readonly Range[], start: number): number {
  const last = waiting.at(-1);
  return last !== undefined && last[0] < start ? waiting.length : firstIndex(waiting, ([begin]) => begin >= start);
}

/** Takes out the ranges that have become contiguous with `next`; returns the new end of the stream. */
function drain(waiting: Range[], next: number): number {
  let reached = next;
  let taken = 0;
  for (const [start, end] of waiting) {
    if (start > reached) break;
    reached = Math.max(reached, end);
    taken += 1;
  }
  waiting.splice(0, taken);
  return reached;
}
