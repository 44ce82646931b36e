/** Lost, duplicated and reordered packets from the order in which sequence numbers arrive. */

export interface SequenceCounts {
  received: number;
  lost: number;
  duplicated: number;
  reordered: number;
}

/**
 * Counts of packets. `sent` is what the sender reports (numbers 0..sent-1). A packet is reordered when its number is
 * smaller than one that came before it (RFC 4737 section 3.3); repeats are duplicates and never reordered.
 */
export function countSequence(deliveries: readonly { seq: number }[], sent: number): SequenceCounts {
  const seen = new Set<number>();
  let next = 0;
  let duplicated = 0;
  let reordered = 0;
  for (const { seq } of deliveries) {
    if (seen.has(seq)) {
      duplicated += 1;
      continue;
    }
    seen.add(seq);
    if (seq < next) reordered += 1;
    else next = seq + 1;
  }
  return { received: seen.size, lost: Math.max(0, sent - seen.size), duplicated, reordered };
}

/** The first arrival of each number, by time. */
export function firstArrivals<T extends { seq: number }>(deliveries: readonly T[]): T[] {
  const seen = new Set<number>();
  return deliveries.filter(({ seq }) => !seen.has(seq) && seen.add(seq));
}
