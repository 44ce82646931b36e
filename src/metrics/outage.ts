/**
 * Where a flow stalled. A *gap* is the time between two consecutive first arrivals at the receiver. Candidates are the
 * gaps that end after t0 and begin before the horizon (the next event, or the end of the flow); the outage is the
 * longest of them, the earliest if several are equal. The longest, because packets in flight still arrive after t0 and
 * a stray packet may slip through in between, while a handover interrupts a flow for at most one long time.
 *
 * *No outage*: the longest candidate is at most QUIET_INTERVALS nominal intervals and no number between the first and the
 * last candidate arrival is missing (for TCP and SCTP the gap alone decides). A smaller gap cannot be told from scheduling jitter. Null runs take the same path,
 * so on a lossy link they do report an outage: that is the floor.
 *
 * A flow without a rate sends its packets back to back, and their spacing is no measure of what interrupts it: its interval here is a round
 * trip where that is longer. A window that is full waits for one (RFC 9293 section 3.8.6, RFC 9260 section 6.1), and what was lost in between waits in the
 * receiver for two: until the sender hears of it, and for the copy. Only timers take more, and what interrupts the path.
 *
 * *Not resumed*: the flow's end is missing on the wire or in what the receiver read, and the silence until its end is longer than any
 * candidate gap.
 */
import type { Nanoseconds } from '../types/run.ts';

export const QUIET_INTERVALS = 3;

interface Arrival {
  t: Nanoseconds;
  seq: number;
}

export interface OutageQuestion {
  /** first arrivals by time */
  arrivals: Arrival[];
  /** false: only progress is given (tcp, sctp), and gaps in the numbers mean nothing */
  numbered: boolean;
  /** number of the last packet sent; null when unknown */
  lastSeq: number | null;
  /** messages that were written and never read */
  unread: number;
  /** seconds between packets of an undisturbed flow; of one without rate, a round trip */
  interval: number;
  t0: Nanoseconds;
  horizon: Nanoseconds;
  /** when the flow's last packet could have arrived at the latest */
  end: Nanoseconds;
}

export interface Outage {
  kind: 'outage' | 'quiet' | 'not-resumed' | 'silent';
  gapStart: Nanoseconds | null;
  gapEnd: Nanoseconds | null;
  /** seconds; the longest candidate gap whatever it is called */
  longest: number | null;
}

/** Classifies what happened to one flow around t0. */
export function findOutage(question: OutageQuestion): Outage {
  const { arrivals, lastSeq, interval, t0, horizon, end } = question;
  const last = arrivals.at(-1);
  if (last === undefined) return { kind: 'silent', gapStart: null, gapEnd: null, longest: null };
  const gaps = candidates(arrivals, t0, horizon);
  const top = gaps.reduce<Gap | null>((best, gap) => (best === null || length(gap) > length(best) ? gap : best), null);
  const longest = top === null ? null : length(top) / 1e9;
  const quiet = QUIET_INTERVALS * interval * 1e9;
  const tail = end - last.t;
  const cut = question.unread > 0 || (lastSeq !== null && arrivals.every(({ seq }) => seq < lastSeq));
  if (last.t < horizon && tail > quiet && cut && (top === null || tail > length(top))) {
    return { kind: 'not-resumed', gapStart: last.t, gapEnd: null, longest };
  }
  if (top === null || (length(top) <= quiet && !(question.numbered && hasHole(gaps))))
    return { kind: 'quiet', gapStart: null, gapEnd: null, longest };
  return { kind: 'outage', gapStart: top[0].t, gapEnd: top[1].t, longest };
}

type Gap = [Arrival, Arrival];
const length = ([before, after]: Gap): number => after.t - before.t;

function candidates(arrivals: Arrival[], t0: Nanoseconds, horizon: Nanoseconds): Gap[] {
  const gaps: Gap[] = [];
  for (let i = 1; i < arrivals.length; i += 1) {
    const before = arrivals[i - 1]!;
    const after = arrivals[i]!;
    if (after.t > t0 && before.t < horizon) gaps.push([before, after]);
  }
  return gaps;
}

/** Is a number missing among the arrivals that bound these gaps? Reordering alone leaves no hole. */
function hasHole(gaps: Gap[]): boolean {
  const seen = new Set(gaps.flatMap(([before, after]) => [before.seq, after.seq]));
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const seq of seen) {
    low = Math.min(low, seq);
    high = Math.max(high, seq);
  }
  return seen.size > 0 && high - low + 1 !== seen.size;
}
