/** What is known of a bulk tcp flow: its time, what its sender sent, and what iperf3 says of both. */
import type { CellExperiment, Flow } from '../types/experiment.ts';
import type { Nanoseconds, Series } from '../types/run.ts';
import { departuresOf } from './deliveries.ts';
import type { BulkReport, MetricInput } from './input.ts';
import { stretch } from './serial.ts';
import type { FlowSighting, Trace } from './sighting.ts';

/** Octets in front of iperf3's data by which its server knows the connection; what follows waits for a control connection. */
const COOKIE = 37;
/** of a series */
const MOST_STEPS = 600;
/** s; as often as iperf3 reports */
const STEP = 0.1;

export interface Bulk {
  /** segments with data that left the sender, by time, repeats included; empty without a capture there */
  departures: FlowSighting[];
  /** numbers of the first octet of user data: what left before was the generator's own */
  origin: number;
  /** when that octet left, ns since epoch; null when no capture shows it */
  start: Nanoseconds | null;
}

/** Of a tcp flow. */
export function bulkOf(input: MetricInput, trace: Trace, flow: Flow): Bulk {
  const departures = departuresOf(input, trace, flow);
  const first = departures[0];
  if (first === undefined) return { departures, origin: 0, start: null };
  const origin = first.span === COOKIE ? (first.seq + COOKIE) >>> 0 : first.seq;
  return { departures, origin, start: departures.find(({ seq }) => ((seq - origin) | 0) >= 0)?.t ?? null };
}

/** Segments from `from` to `to` (ns since epoch) with an octet that had left before (RFC 9293 section 3.10.8). */
export function sentAgain({ departures, origin }: Bulk, from: Nanoseconds, to: Nanoseconds): number {
  const position = stretch(origin);
  let highest = Number.NEGATIVE_INFINITY;
  let count = 0;
  for (const { t, seq, span } of departures) {
    const start = position(seq);
    if (start < highest && t >= from && t <= to) count += 1;
    highest = Math.max(highest, start + span);
  }
  return count;
}

/** Highest sequence number and congestion window over the flow's time, in at most 600 steps. Null when the start is not known. */
export function seriesOf({ departures, origin, start }: Bulk, { duration }: CellExperiment, report: BulkReport | undefined): Series | null {
  if (start === null || !(duration > 0)) return null;
  const step = STEP * Math.max(1, Math.ceil(duration / STEP / MOST_STEPS));
  const position = stretch(origin);
  const windows = windowsOf(report);
  const series: Series = { start, step, octets: [], cwnd: [] };
  let [highest, at, window] = [0, 0, 0];
  for (let k = 1; k <= Math.round(duration / step); k += 1) {
    const end = start + k * step * 1e9;
    for (; at < departures.length && departures[at]!.t <= end; at += 1)
      highest = Math.max(highest, position(departures[at]!.seq) + departures[at]!.span);
    // what began half a step before the end is of this step: both clocks start with the first data, and a little apart
    while (window < windows.length && windows[window]!.end <= k * step + STEP / 2) window += 1;
    series.octets.push(highest);
    const last = windows[window - 1];
    series.cwnd.push(last === undefined || k * step - last.end > 2 * step ? null : last.segments);
  }
  return series;
}

/**
 * Mean congestion window in segments over the time iperf3 reports on; `usable`: what of it the window that the receiver offers lets the sender
 * use (RFC 9293 section 3.8.6). Null when it does not say.
 */
export function meanWindow(report: BulkReport | undefined, which: 'segments' | 'usable'): number | null {
  const windows = windowsOf(report);
  let [time, sum] = [0, 0];
  for (const { seconds, [which]: segments } of windows) {
    if (segments === null) return null;
    time += seconds;
    sum += segments * seconds;
  }
  return time > 0 ? sum / time : null;
}

function windowsOf(report: BulkReport | undefined): { end: number; seconds: number; segments: number; usable: number | null }[] {
  const mss = report?.mss ?? null;
  if (report === undefined || mss === null) return [];
  return report.intervals.flatMap(({ start, end, cwnd, offered }) => {
    if (cwnd === null || end <= start) return [];
    return [{ end, seconds: end - start, segments: cwnd / mss, usable: offered === null ? null : Math.min(cwnd, offered) / mss }];
  });
}
