/**
 * DATA chunks that left their sender more than once, and why. Fast: the SACKs that came in since the chunk left the last time reported it
 * missing three times (RFC 9260 section 7.2.4), which counts once per chunk; after that, and otherwise, T3-rtx expired (section 6.3.3). One expiry
 * marks everything outstanding on its path, and what does not fit into the window then follows later: that is still the same expiry.
 *
 * The first copy of a chunk may never reach a tap: the sender's own host drops it, because its route has just gone. New TSNs leave in order
 * (section 6.1), so a chunk that is first seen after a higher one is a copy too, and had left just before the next higher one did.
 * Unless nothing says that it was sent again: packets also swap places where ESP is encrypted on several processors, and one of them may come much
 * later after the sender was idle. A SACK must have reported the hole, or all of RTO.Min have gone by.
 */
import type { Flow } from '../types/experiment.ts';
import type { Packet } from '../types/packet.ts';
import type { Nanoseconds, Retransmissions } from '../types/run.ts';
import type { SctpSack } from '../types/sctp.ts';
import { firstIndex } from './bisect.ts';
import { serial } from './chunks.ts';
import { departuresOf } from './deliveries.ts';
import type { MetricInput } from './input.ts';
import { endsAt } from './protection.ts';
import { type FlowSighting, sightingsAt, type Trace } from './sighting.ts';
import { leastTimeout } from './timers.ts';

export interface Repair {
  t: Nanoseconds;
  /** of the chunk, as in FlowSighting */
  seq: number;
  cause: 'timeout' | 'fast';
  /** when the chunk had left the time before */
  previous: Nanoseconds;
  /** true for the first chunk an expiry sends again */
  opens: boolean;
  /** the packet that carried it */
  outer: Packet;
}

/** ns by which a timer's wait may look shorter */
const SLACK = 10e6;
/** RFC 9260 section 7.2.4 */
const MISS_INDICATIONS = 3;
/** SACKs looked at, latest first: a chunk that was reported missing is sent again soon */
const MOST_SACKS = 200;

/** Repairs of an sctp flow by time; null when no capture shows what its sender sent. */
export function repairsOf(input: MetricInput, trace: Trace, flow: Flow): Repair[] | null {
  const departures = departuresOf(input, trace, flow);
  if (departures.length === 0) return null;
  const sacks = sacksOf(input, trace, flow);
  const least = leastTimeout(flow);
  // what left next may have done so an interval later
  const expiry = least - Math.max(SLACK, Math.min(least / 2, flow.rate > 0 ? 1e9 / flow.rate : 0));
  const last = new Map<number, FlowSighting>();
  const fastOnce = new Set<number>();
  const expired = new Map<string, Nanoseconds>();
  const repairs: Repair[] = [];
  /** first sightings of which each had a higher number than all before: ascending in number and time */
  const leading: FlowSighting[] = [];
  for (const seen of departures) {
    const { t, seq, outer } = seen;
    const known = last.get(seq);
    const before = known ?? leading[firstIndex(leading, (higher) => higher.seq > seq)];
    last.set(seq, seen);
    if (before === undefined) {
      leading.push(seen);
      continue;
    }
    const fast = !fastOnce.has(seq) && isReported(sacks, seq, before.t, t, MISS_INDICATIONS);
    const path = `${before.outer.src} ${before.inner.src} ${before.inner.dst}`;
    const latest = expired.get(path);
    const waited = t - before.t;
    const again =
      known !== undefined ||
      fast ||
      before.t < (latest ?? Number.NEGATIVE_INFINITY) ||
      waited >= expiry ||
      (waited >= least / 2 && isReported(sacks, seq, before.t, t, 1));
    if (!again) continue;
    if (fast) fastOnce.add(seq);
    const opens = !fast && (latest === undefined || before.t >= latest);
    if (opens) expired.set(path, t);
    repairs.push({ t, seq, cause: fast ? 'fast' : 'timeout', previous: before.t, opens, outer });
  }
  return repairs;
}

/** When the chunk had left for the last time before the expiries that lead to this one. */
export function beginOf(repairs: readonly Repair[], { seq, previous }: Repair): Nanoseconds {
  const expiries = new Map(
    repairs.filter((repair) => repair.seq === seq && repair.cause === 'timeout').map(({ t, previous: p }) => [t, p]),
  );
  let earliest = previous;
  for (let before = expiries.get(earliest); before !== undefined && before < earliest; before = expiries.get(earliest)) earliest = before;
  return earliest;
}

/** Counts of chunks and seconds, of what was sent again from `from` to `to` (ns since epoch): with the flows the event's effects end. */
export function retransmissionsWithin(repairs: readonly Repair[], from: Nanoseconds, to: Nanoseconds): Retransmissions {
  const after = repairs.filter(({ t }) => t >= from && t <= to);
  const timeouts = after.filter(({ cause }) => cause === 'timeout');
  const timers = timeouts.filter(({ opens }) => opens).map(({ t, previous }) => (t - previous) / 1e9);
  return { timeout: timeouts.length, fast: after.length - timeouts.length, timers };
}

interface Sack {
  t: Nanoseconds;
  /** number of the cumulative TSN */
  cumulative: number;
  gaps: SctpSack['gaps'];
}

/** SACKs that came back to the flow's sender, by time. */
function sacksOf(input: MetricInput, trace: Trace, flow: Flow): Sack[] {
  const origin = trace.origins.get(flow.name) ?? 0;
  const back = sightingsAt(trace.associations.get(flow.name), flow.from, 'in', endsAt(input, flow, flow.from));
  return back.flatMap(({ t, forth, inner }) =>
    (forth ? [] : (inner.sctp?.chunks ?? [])).flatMap(({ content }) =>
      content?.kind === 'sack' ? [{ t, cumulative: serial(content.cumulativeTsn, origin), gaps: content.gaps }] : [],
    ),
  );
}

/** Did `enough` SACKs in (from, to] say that the chunk is missing, while later ones are there? */
function isReported(sacks: readonly Sack[], seq: number, from: Nanoseconds, to: Nanoseconds, enough: number): boolean {
  let reports = 0;
  const end = firstIndex(sacks, (sack) => sack.t > to);
  for (let i = end - 1; i >= 0 && i >= end - MOST_SACKS; i -= 1) {
    const sack = sacks[i]!;
    if (sack.t <= from) break;
    if (isMissing(sack, seq)) reports += 1;
    if (reports === enough) return true;
  }
  return false;
}

function isMissing({ cumulative, gaps }: Sack, seq: number): boolean {
  const offset = seq - cumulative;
  if (offset <= 0) return false;
  const beyond = gaps.some(({ start }) => start > offset);
  return beyond && !gaps.some(({ start, end }) => start <= offset && offset <= end);
}
