/** How long user data takes from the tap at its sender to the tap at its receiver. Both read the same clock. */
import type { Flow } from '../types/experiment.ts';
import type { Nanoseconds } from '../types/run.ts';
import { arrivalsOf, departuresOf } from './deliveries.ts';
import type { MetricInput } from './input.ts';
import type { FlowSighting, Trace } from './sighting.ts';

/** ns, by departure, of what left once and arrived, ascending in time of departure; empty without captures at both ends. */
export function transitsOf(input: MetricInput, trace: Trace, flow: Flow): { left: Nanoseconds; took: Nanoseconds }[] {
  const left = new Map<string, Nanoseconds | null>();
  for (const seen of departuresOf(input, trace, flow)) {
    const key = keyOf(seen);
    left.set(key, left.has(key) ? null : seen.t);
  }
  const transits: { left: Nanoseconds; took: Nanoseconds }[] = [];
  for (const seen of arrivalsOf(input, trace, flow)) {
    const from = left.get(keyOf(seen));
    if (from == null || seen.t < from) continue;
    transits.push({ left: from, took: seen.t - from });
    left.set(keyOf(seen), null);
  }
  return transits.sort((a, b) => a.left - b.left);
}

/** A function: how the user data of a number left that arrived at `t`. Its last copy that can have been there by then, in half the time that any other took; or null. */
export function departuresBefore(
  input: MetricInput,
  trace: Trace,
  flow: Flow,
): (arrived: { seq: number; t: Nanoseconds }) => FlowSighting | null {
  const fastest = transitsOf(input, trace, flow).reduce((least, { took }) => Math.min(least, took), Number.POSITIVE_INFINITY);
  const margin = Number.isFinite(fastest) ? fastest / 2 : 0;
  const departures = departuresOf(input, trace, flow);
  return ({ seq, t }) => departures.findLast((copy) => copy.seq === seq && copy.t <= t - margin) ?? null;
}

/** A subflow of MPTCP has numbers of its own. */
function keyOf({ seq, inner }: FlowSighting): string {
  return inner.tcp === null ? String(seq) : `${inner.src} ${inner.srcPort} ${seq}`;
}
