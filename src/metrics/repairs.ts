/**
 * DATA chunks that left their sender more than once, and why. Fast: the SACKs that came in since the chunk left the last time reported it
 * missing three times (RFC 9260 section 7.2.4), which counts once per chunk; after that, and otherwise, T3-rtx expired (section 6.3.3). One expiry
 * marks everything outstanding on its path, and what does not fit into the window then follows later: that is still the same expiry.
 */
import type { Flow } from '../types/experiment.ts';
import type { Packet } from '../types/packet.ts';
import type { Nanoseconds, Retransmissions } from '../types/run.ts';
import type { SctpSack } from '../types/sctp.ts';
import { serial } from './chunks.ts';
import { departuresOf } from './deliveries.ts';
import type { MetricInput } from './input.ts';
import { endsAt } from './protection.ts';
import { type FlowSighting, sightingsAt, type Trace } from './sighting.ts';

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

/** RFC 9260 section 7.2.4 */
const MISS_INDICATIONS = 3;
/** SACKs looked at, latest first: a chunk that was reported missing is sent again soon */
const MOST_SACKS = 200;

/** Repairs of an sctp flow by time; null when no capture shows what its sender sent. */
export function repairsOf(input: MetricInput, trace: Trace, flow: Flow): Repair[] | null {
  const departures = departuresOf(input, trace, flow);
  if (departures.length === 0) return null;
  const sacks = sacksOf(input, trace, flow);
  const last = new Map<number, FlowSighting>();
  const fastOnce = new Set<number>();
  const expired = new Map<string, Nanoseconds>();
  const repairs: Repair[] = [];
  for (const seen of departures) {
    const before = last.get(seen.seq);
    last.set(seen.seq, seen);
    if (before === undefined) continue;
    const { t, seq, outer } = seen;
    const fast = !fastOnce.has(seq) && isReported(sacks, seq, before.t, t);
    if (fast) fastOnce.add(seq);
    const path = `${before.outer.src} ${before.inner.src} ${before.inner.dst}`;
    const expiry = expired.get(path);
    const opens = !fast && (expiry === undefined || before.t >= expiry);
    if (opens) expired.set(path, t);
    repairs.push({ t, seq, cause: fast ? 'fast' : 'timeout', previous: before.t, opens, outer });
  }
  return repairs;
}

/** Counts of chunks and seconds, of what was sent again at or after `from` (ns since epoch). */
export function retransmissionsFrom(repairs: readonly Repair[], from: Nanoseconds): Retransmissions {
  const after = repairs.filter(({ t }) => t >= from);
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

/** Did the SACKs in (from, to] say often enough that the chunk is missing, while later ones are there? */
function isReported(sacks: readonly Sack[], seq: number, from: Nanoseconds, to: Nanoseconds): boolean {
  let reports = 0;
  const end = firstAfter(sacks, to);
  for (let i = end - 1; i >= 0 && i >= end - MOST_SACKS; i -= 1) {
    const sack = sacks[i]!;
    if (sack.t <= from) break;
    if (isMissing(sack, seq)) reports += 1;
    if (reports === MISS_INDICATIONS) return true;
  }
  return false;
}

function isMissing({ cumulative, gaps }: Sack, seq: number): boolean {
  const offset = seq - cumulative;
  if (offset <= 0) return false;
  const beyond = gaps.some(({ start }) => start > offset);
  return beyond && !gaps.some(({ start, end }) => start <= offset && offset <= end);
}

/** Index of the first SACK after `t`. */
function firstAfter(sacks: readonly Sack[], t: Nanoseconds): number {
  let low = 0;
  let high = sacks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sacks[middle]!.t <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}
