/**
 * The story of one run as a list: event, roam, probe, reply, UPDATE, SAs moved, reply, what associations do about it, and the flows'
 * last and first packets. Without an event it is how SAs and associations were set up. Between nodes, by time of sending.
 */
import type { LadderEntry } from '../../types/run.ts';
import type { MetricInput } from '../input.ts';
import type { Moment } from '../moment.ts';
import type { Trace } from '../sighting.ts';
import type { FlowResult } from '../stalled.ts';
import { dataEntries } from './data.ts';
import { logEntries } from './log.ts';
import { type Entry, messageEntries } from './messages.ts';
import { associationEntries } from './sctp.ts';

/** seconds after which the story ends when no flow came back */
const LONGEST = 10;
/** seconds shown around the first and the last thing that matters */
const MARGIN = 0.05;

export function ladderOf(input: MetricInput, trace: Trace, moment: Moment, flows: Map<string, FlowResult>): LadderEntry[] {
  const { t0 } = moment;
  const [from, to] = windowOf(input, trace, moment, flows);
  const entries: Entry[] = [
    ...eventEntries(input, moment, from, to),
    ...logEntries(input, from, to),
    ...messageEntries(input, trace, t0, from, to),
    ...associationEntries(input, trace, t0, from, to),
    ...dataEntries(input, trace, flows),
  ];
  const zero = t0 ?? from;
  return entries.sort((a, b) => a.t - b.t).map((entry) => ({ ...entry, dt: (entry.t - zero) / 1e9 }));
}

/** From just before t0 to just after the last flow resumed; the set-up of the SAs when there is no event. */
function windowOf(input: MetricInput, trace: Trace, { t0 }: Moment, flows: Map<string, FlowResult>): [number, number] {
  const margin = MARGIN * 1e9;
  if (t0 === null) {
    const opened = [...trace.associations.values()].flatMap((seen) => seen[0]?.t ?? []);
    return [trace.ike[0]?.t ?? Math.min(input.run.flowsStart, ...opened), input.run.flowsStart];
  }
  const ends = [...flows.values()].map(({ facts, outage }) => (outage?.kind === 'not-resumed' ? t0 + LONGEST * 1e9 : (facts.gapEnd ?? t0)));
  const updates = trace.ike.filter(({ t, ike }) => t >= t0 && t <= t0 + LONGEST * 1e9 && ike.exchange >= 36).map(({ t }) => t);
  const prepared = input.events.find(({ confirmed, issued }) => (confirmed ?? issued) === t0)?.issued ?? t0;
  return [prepared - margin, Math.min(t0 + LONGEST * 1e9, Math.max(...ends, ...updates.slice(0, 50), t0) + margin)];
}

function eventEntries(input: MetricInput, { event, t0 }: Moment, from: number, to: number): Entry[] {
  if (input.run.nullEvent) {
    const node = input.cell.timeline[0]?.node ?? input.cell.nodes[0]?.name ?? '';
    return t0 === null ? [] : [{ t: t0, kind: 'event', label: 'null event: nothing is changed', from: node, to: node }];
  }
  return input.events
    .map((record) => ({ record, t: record.confirmed ?? record.issued }))
    .filter(({ t }) => t >= from && t <= to)
    .map(({ record, t }) => {
      const timed = input.cell.timeline[record.index];
      const label = timed === undefined ? record.kind : describeEvent(timed);
      return { t, kind: 'event' as const, label: timed === event ? `${label} (t0)` : label, from: record.node, to: record.node };
    });
}

/** `admin-down eth0`, `readdress eth0 10.0.0.1/24 to 10.0.0.2/24`, ... */
export function describeEvent(event: MetricInput['cell']['timeline'][number]): string {
  if (event.kind === 'readdress') return `readdress ${event.interface} ${event.from} to ${event.to}`;
  if (event.kind === 'route-swap') return `route-swap ${event.add.map((route) => route.to).join(' ')}`;
  if (event.kind === 'mobike') return `mobike ${event.action} ${event.local}`;
  if (event.kind === 'asconf') return `asconf ${event.action} ${event.address}`;
  return `${event.kind} ${event.interface}`;
}
