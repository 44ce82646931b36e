/**
 * T_STALLED per flow, at its receiver, and everything else known about the flow. A flow that was not interrupted stalled for
 * one interval or so, which is also what its null run shows: that is the floor. Raw is the gap itself; net takes off the
 * nominal interval, the gap an undisturbed flow has anyway. For a flow towards the MN the raw value is also the switching time.
 */
import type { Flow } from '../types/experiment.ts';
import type { FlowFacts } from '../types/run.ts';
import type { Delivery } from './deliveries.ts';
import type { MetricInput } from './input.ts';
import { median } from './median.ts';
import type { Moment } from './moment.ts';
import { findOutage, type Outage, QUIET_INTERVALS } from './outage.ts';
import { type Portion, receivedOf } from './received.ts';
import type { Trace } from './sighting.ts';
import { transitsOf } from './transit.ts';

export interface FlowResult {
  facts: FlowFacts;
  outage: Outage | null;
  /** user data by arrival, for what is computed from it */
  portions: Portion[];
  notes: string[];
}

/** Facts of one flow (seconds; packets). `outage` is null when there is no t0 to look around. */
export function stalled(input: MetricInput, trace: Trace, moment: Moment, flow: Flow): FlowResult {
  const { arrivals, numbered, sent, counts, lastSeq, unread, portions, notes: known } = receivedOf(input, trace, flow);
  const rated = flow.kind !== 'tcp' && flow.rate > 0;
  const interval = rated ? 1 / flow.rate : spacing(arrivals, moment.t0);
  const pause = rated ? interval : Math.max(interval, roundTrip(input, trace, flow, moment.t0) ?? 0);
  const delay = oneWayDelay(arrivals, moment.t0);
  const { t0 } = moment;
  const end = input.run.flowsStop + (delay ?? 0) * 1e9;
  const { horizon } = moment;
  const outage = t0 === null ? null : findOutage({ arrivals, numbered, lastSeq, unread, interval: pause, t0, horizon, end });
  const raw = outage?.kind === 'outage' || outage?.kind === 'quiet' ? outage.longest : null;
  // of a flow that ended taps do not show what was still to come
  const lost = outage?.kind === 'not-resumed' ? Math.max(counts.lost, unread) : counts.lost;
  const facts: FlowFacts = {
    sent: Math.max(sent, counts.received + lost),
    ...counts,
    lost,
    interval,
    outage: outage?.kind ?? null,
    stalled: raw,
    stalledNet: raw === null ? null : Math.max(0, raw - interval),
    gapStart: outage?.gapStart ?? null,
    gapEnd: outage?.gapEnd ?? null,
    oneWayDelay: delay,
  };
  const notes = [...(outage === null ? [] : explain(outage, pause, flow.kind === 'udp')), ...known];
  return { facts, outage, portions, notes: notes.map((note) => `${flow.name}: ${note}`) };
}

function explain(outage: Outage, pause: number, numbered: boolean): string[] {
  const ms = (seconds: number | null): string => `${((seconds ?? 0) * 1e3).toFixed(3)} ms`;
  if (outage.kind === 'silent') return ['nothing was delivered'];
  if (outage.kind === 'not-resumed') return ['deliveries stopped and did not resume before the flow ended'];
  if (outage.kind === 'outage') return [];
  return [`no outage: longest gap ${ms(outage.longest)} <= ${QUIET_INTERVALS} x ${ms(pause)}${numbered ? ' and no packet missing' : ''}`];
}

function spacing(arrivals: Delivery[], t0: number | null): number {
  const before = t0 === null ? arrivals : arrivals.filter(({ t }) => t < t0);
  const gaps = before.slice(1).map(({ t }, i) => (t - before[i]!.t) / 1e9);
  return median(gaps) ?? 0;
}

/** Seconds: twice the median way forth before t0, which is where the queue is; null without captures at both ends. */
function roundTrip(input: MetricInput, trace: Trace, flow: Flow, t0: number | null): number | null {
  const way = median(transitsOf(input, trace, flow).flatMap(({ left, took }) => (t0 === null || left < t0 ? [took / 1e9] : [])));
  return way === null ? null : 2 * way;
}

function oneWayDelay(arrivals: Delivery[], t0: number | null): number | null {
  const early = arrivals.filter(({ t, sent }) => sent !== null && (t0 === null || t < t0));
  return median(early.map(({ t, sent }) => (t - sent!) / 1e9));
}
