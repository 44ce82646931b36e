/**
 * Did the event take something away? An `admin-down` of an interface no flow used changes nothing, and a flow that stays where it is does
 * not show whether the event took place. So the flows must have used the MN's interface before, and, where the event shuts it, not after.
 *
 * Not asked for where the timeline has moved the flows itself: after an ASCONF or another route the interface may be idle, which is the point.
 */
import type { MobilityEvent } from '../../types/experiment.ts';
import type { Nanoseconds } from '../../types/run.ts';
import { type MetricInput, mobileNode } from '../input.ts';
import type { Moment } from '../moment.ts';
import type { Sighting, Trace } from '../sighting.ts';
import type { Way } from '../way.ts';

/** Seconds before t0 in which a flow is seen; of a slow one, some of its intervals */
const BEFORE = 1;
const INTERVALS = 3;
/** Seconds in which an interface falls silent, by what shuts it, and the way that does. A blackhole is behind the tap, and what it holds may still come. */
const SHUT: Partial<Record<MobilityEvent['kind'], { within: number; ways: Way[] }>> = {
  'admin-down': { within: 0.1, ways: ['in', 'out'] },
  'carrier-off': { within: 0.1, ways: ['in', 'out'] },
  blackhole: { within: 1, ways: ['in'] },
};

/** What is wrong with the measured event, in words. Nothing where no capture would show it, or the event is at another node. */
export function untouched(input: MetricInput, trace: Trace, { event, t0, horizon }: Moment): string[] {
  if (event === null || t0 === null || !('interface' in event) || event.node !== mobileNode(input.cell)) return [];
  const { kind, node, interface: name } = event;
  const shut = SHUT[kind];
  if ((shut === undefined && kind !== 'readdress') || !input.captures.some((one) => one.node === node && one.interface === name)) return [];
  const crossed = (from: Nanoseconds, to: Nanoseconds, ways: Way[]): number =>
    packetsOf(trace).filter(
      (seen) => seen.node === node && seen.interface === name && seen.t >= from && seen.t < to && ways.includes(seen.way),
    ).length;
  const slowest = Math.max(BEFORE, ...input.cell.flows.map(({ rate }) => (rate > 0 ? INTERVALS / rate : 0)));
  if (!isPrepared(input, event) && crossed(t0 - slowest * 1e9, t0, ['in', 'out']) === 0) {
    return [`the event took nothing away from any flow: none used ${node}:${name}`];
  }
  const after = shut === undefined ? 0 : crossed(t0 + shut.within * 1e9, horizon, shut.ways);
  return after === 0 ? [] : [`the event took nothing away: ${after} packets of flows crossed ${node}:${name} after it`];
}

/** What carries flows: their own packets, and those of tunnels, which are not read outside. */
function packetsOf(trace: Trace): Sighting[] {
  const own = [...trace.flows].flatMap(([name, seen]): Sighting[] => trace.associations.get(name) ?? seen);
  return [...own, ...trace.carriers];
}

function isPrepared({ cell }: MetricInput, event: Moment['event']): boolean {
  const before = cell.timeline.slice(0, event === null ? 0 : cell.timeline.indexOf(event));
  return before.some(({ kind }) => ['asconf', 'mobike', 'route-swap'].includes(kind));
}
