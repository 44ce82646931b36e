/**
 * goodput.<flow>, cwnd.<flow>, cwnd.<flow>.usable and retransmitted.<flow> of a bulk tcp flow. Its time begins when the first octet of user data leaves its sender
 * and lasts as long as the file says; goodput is what its receiver could read in that time, each octet once and in order, by the sequence
 * numbers in the capture there. Setting up connections is not in it.
 */
import type { Flow } from '../types/experiment.ts';
import type { Nanoseconds } from '../types/run.ts';
import { type Bulk, bulkOf, meanWindow, sentAgain, seriesOf } from './bulk.ts';
import type { MetricInput } from './input.ts';
import type { Measured } from './measured.ts';
import type { Moment } from './moment.ts';
import type { Portion } from './received.ts';
import type { Trace } from './sighting.ts';
import type { FlowResult } from './stalled.ts';
import { rateIn } from './throughput.ts';

/** The flow's time; null when nothing shows its start. */
function timeOf({ cell }: MetricInput, { start }: Bulk, portions: readonly Portion[]): [from: Nanoseconds, to: Nanoseconds] | null {
  const from = start ?? portions[0]?.t;
  return from === undefined ? null : [from, from + cell.duration * 1e9];
}

/** Adds `series` to the facts in `result`. Metrics by name: bit/s, segments, segments sent again from t0 on (without an event: in the flow's time). */
export function goodput(
  input: MetricInput,
  trace: Trace,
  moment: Moment,
  flow: Flow,
  { facts, portions }: FlowResult,
): Record<string, Measured> {
  const bulk = bulkOf(input, trace, flow);
  const report = input.bulk?.[flow.name];
  const series = seriesOf(bulk, input.cell, report);
  if (series !== null) facts.series = series;
  const time = timeOf(input, bulk, portions);
  const rate = time === null ? null : rateIn(portions, ...time);
  const window = meanWindow(report, 'segments');
  const usable = meanWindow(report, 'usable');
  const late = bulk.start === null ? ['counted from the first arrival: no capture shows what the sender sent'] : [];
  return {
    [`goodput.${flow.name}`]: { value: rate, notes: rate === null ? ['nothing was delivered'] : late },
    [`cwnd.${flow.name}`]: { value: window, notes: window === null ? [report?.problem ?? 'iperf3 does not say'] : [] },
    ...(usable === null ? {} : { [`cwnd.${flow.name}.usable`]: { value: usable, notes: [] } }),
    [`retransmitted.${flow.name}`]:
      bulk.departures.length === 0 || time === null
        ? { value: null, notes: ['no capture shows what the sender sent'] }
        : { value: sentAgain(bulk, moment.t0 ?? time[0], time[1]), notes: [] },
  };
}

/**
 * What the capture says of the seconds that iperf3's receiver speaks of, what that says itself, and how much of it is in the last block, which
 * it counts only when it is whole, bit/s; null when one of them is not known.
 */
export function bothGoodputs(
  input: MetricInput,
  trace: Trace,
  flow: Flow,
  portions: readonly Portion[],
): { ours: number; iperf3: number; slack: number } | null {
  const received = input.bulk?.[flow.name]?.received ?? null;
  const time = timeOf(input, bulkOf(input, trace, flow), portions);
  if (received === null || time === null) return null;
  const ours = rateIn(portions, time[0], time[0] + received.seconds * 1e9);
  const slack = ((received.block ?? 0) * 8) / received.seconds;
  return ours === null ? null : { ours, iperf3: received.bitsPerSecond, slack };
}
