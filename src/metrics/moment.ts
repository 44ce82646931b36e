/**
 * Which event a run is about, and when it happened. t0 is the kernel's own notification of the event; in a null run it
 * is the instant the event would have been due, so that both kinds of run go through the same code.
 *
 * With several events on the timeline the first that takes something away is measured: an `interface-up`, a route-swap that only adds,
 * a path added, or an address an association is told about, before it only prepares a softer handover. t0 of a soft handover is the
 * command to use the new path. What follows the next event is not attributed to this one.
 */
import type { TimedEvent } from '../types/experiment.ts';
import type { Nanoseconds } from '../types/run.ts';
import type { MetricInput } from './input.ts';

export interface Moment {
  /** null: the cell has no events, or this is a null run */
  event: TimedEvent | null;
  /** ns since epoch; null when there is nothing to count from */
  t0: Nanoseconds | null;
  /** ns since epoch; gaps that start later belong to another event or to the end of the flows */
  horizon: Nanoseconds;
  notes: string[];
}

/** ms by which the controller may be late by itself */
const LATE = 20;

/** Does the event only add a way, so that nothing has to move? */
export const prepares = (event: TimedEvent): boolean =>
  event.kind === 'interface-up' ||
  (event.kind === 'route-swap' && event.remove.length === 0) ||
  (event.kind === 'mobike' && event.action !== 'update') ||
  event.kind === 'asconf';

/** Finds t0 of a run (ns since epoch). */
export function momentOf({ cell, run, events }: MetricInput): Moment {
  const { timeline } = cell;
  const index = Math.max(
    0,
    timeline.findIndex((event) => !prepares(event)),
  );
  const main = timeline[index];
  if (run.nullEvent) {
    // `eventDue` belongs to the first event of the file
    const shift = main === undefined ? 0 : (main.at - timeline[0]!.at) * 1e9;
    return { event: null, t0: run.eventDue === null ? null : run.eventDue + shift, horizon: run.flowsStop, notes: [] };
  }
  if (main === undefined) return { event: null, t0: null, horizon: run.flowsStop, notes: [] };
  const notes = timeline.length > 1 ? [`${timeline.length} events; metrics count from event ${index + 1} (${main.kind})`] : [];
  const record = events.find((event) => event.index === index);
  if (record === undefined) return { event: main, t0: null, horizon: run.flowsStop, notes: [...notes, 'the event was never issued'] };
  const late = (record.issued - record.requested) / 1e6;
  if (late > LATE) notes.push(`the event came ${late.toFixed(0)} ms late: the one before it took that long`);
  if (record.confirmed === null) notes.push('the kernel confirmed nothing for this event: t0 is the time the command was issued');
  const t0 = record.confirmed ?? record.issued;
  const later = events.filter((event) => event.index > index && event.issued > t0).map((event) => event.issued);
  return { event: main, t0, horizon: Math.min(run.flowsStop, ...later), notes };
}
