/**
 * User data per time at a flow's receiver, and when it was back after the event. t0 is an edge between bins, so that none holds both
 * sides of it.
 */
import type { Nanoseconds, RunRecord, Throughput } from '../types/run.ts';
import type { Moment } from './moment.ts';
import type { Outage } from './outage.ts';
import type { Portion } from './received.ts';

/** s */
const BIN = 0.1;
/** s before t0 that are the measure of all after it */
const BEFORE = 1;
/** bins in a row that must reach this part of it */
const ROW = 3;
const ENOUGH = 0.9;
/** a day; what claims to be longer would only exhaust memory */
const MOST_BINS = 864_000;

/** Bins from the start of the flows to the last arrival; null when nothing arrived, or over more than a day. */
export function throughputOf(run: RunRecord, { t0 }: Moment, portions: readonly Portion[], outage: Outage | null): Throughput | null {
  const bin = BIN * 1e9;
  let [first, last] = [run.flowsStart, Number.NEGATIVE_INFINITY];
  for (const { t } of portions) {
    first = Math.min(first, t);
    last = Math.max(last, t);
  }
  const edge = t0 ?? run.flowsStart;
  const start = edge - Math.ceil((edge - first) / bin) * bin;
  const size = Math.floor((last - start) / bin) + 1;
  if (!(size > 0 && size <= MOST_BINS)) return null;
  const octets = new Array<number>(size).fill(0);
  for (const portion of portions) octets[Math.floor((portion.t - start) / bin)]! += portion.octets;
  const common = { bin: BIN, start, octets };
  const before = t0 === null ? null : rateBefore(run, t0, portions);
  if (t0 === null || before === null || before === 0) return { ...common, before, recovered: null, missing: null };
  const zero = Math.round((t0 - start) / bin);
  const resumed = resumedAt(t0, outage);
  const back = recoveredAt(common, resumed, zero, before);
  if (back === null) return { ...common, before, recovered: null, missing: null };
  // the outage ended in that bin, and its begin was not yet any traffic
  const recovered = Math.max((back - zero) / Math.round(1 / BIN), (resumed! - t0) / 1e9);
  const until = t0 + recovered * 1e9;
  const arrived = portions.reduce((sum, { t, octets: count }) => (t >= t0 && t < until ? sum + count : sum), 0);
  return { ...common, before, recovered, missing: Math.max(0, Math.round((before * recovered) / 8 - arrived)) };
}

/** bit/s over the whole flow, for a run without event; null when it had no time. */
export function meanRate({ flowsStart, flowsStop }: RunRecord, portions: readonly Portion[]): number | null {
  return rateIn(portions, flowsStart, flowsStop);
}

function rateBefore({ flowsStart }: RunRecord, t0: Nanoseconds, portions: readonly Portion[]): number | null {
  return rateIn(portions, Math.max(flowsStart, t0 - BEFORE * 1e9), t0);
}

/** bit/s of what arrived in [from, to); null for no time. */
export function rateIn(portions: readonly Portion[], from: Nanoseconds, to: Nanoseconds): number | null {
  if (to <= from) return null;
  const octets = portions.reduce((sum, { t, octets: count }) => (t >= from && t < to ? sum + count : sum), 0);
  return (octets * 8 * 1e9) / (to - from);
}

/** When the flow went on; null: it did not. */
function resumedAt(t0: Nanoseconds, outage: Outage | null): Nanoseconds | null {
  if (outage?.kind === 'not-resumed' || outage?.kind === 'silent') return null;
  // the longest gap of a flow without rate may be a millisecond, anywhere: what fits into a bin shows in what the bin holds
  const interrupted = outage?.kind === 'outage' && (outage.longest ?? 0) >= BIN;
  return interrupted ? Math.max(t0, outage.gapEnd ?? t0) : t0;
}

/** Index of the first of the bins that are enough, not before the one in which the outage ended. */
function recoveredAt(
  { bin, start, octets }: Pick<Throughput, 'bin' | 'start' | 'octets'>,
  resumed: Nanoseconds | null,
  zero: number,
  before: number,
): number | null {
  if (resumed === null) return null;
  const enough = (ENOUGH * before * bin) / 8;
  const earliest = Math.max(zero, Math.floor((resumed - start) / (bin * 1e9)));
  for (let i = earliest; i + ROW <= octets.length; i += 1) {
    if (octets.slice(i, i + ROW).every((count) => count >= enough)) return i;
  }
  return null;
}
