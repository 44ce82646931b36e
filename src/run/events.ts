/** Mobility events: requested, issued, confirmed, all on the captures' clock. */
import { nanosecondsSince } from '../host/libc.ts';
import { confirmation } from '../mobility/commands.ts';
import type { Notification } from '../mobility/protocol.ts';
import type { CellExperiment } from '../types/experiment.ts';
import type { EventRecord } from '../types/run.ts';
import { until } from './clock.ts';
import type { Handler } from './handler.ts';

/** Hands the event's lines to the waiting iproute2 processes at the requested instant. */
export const runEvent: Handler<'event'> = async (context, step, signal) => {
  const requested = context.flowsStart + step.event.at * 1e9;
  await until(context, requested, signal);
  const issued = nanosecondsSince(context.epoch);
  for (const batch of step.batches) {
    const armed = context.armed.find((a) => a.node === batch.node && a.tool === batch.tool);
    if (armed === undefined) throw new Error(`no ${batch.tool} waits on ${batch.node}`);
    armed.process.child.stdin.write(`${batch.lines.join('\n')}\n`);
  }
  context.events.push({
    index: step.index,
    kind: step.event.kind,
    node: step.event.node,
    requested,
    issued,
    confirmed: null,
    notifications: [],
  });
};

/**
 * Gives each event the notifications from its issue until the next event, and the first one that confirms it. `asconf` has what the
 * traffic thread said of it, and takes nothing from the event before it.
 */
export function confirmEvents(cell: CellExperiment, events: EventRecord[], notifications: readonly Notification[]): void {
  const told = events.filter(({ kind }) => kind !== 'asconf');
  told.forEach((record, i) => {
    const end = told[i + 1]?.issued ?? Number.POSITIVE_INFINITY;
    const event = cell.timeline[record.index];
    const mine = notifications.filter((n) => n.t >= record.issued && n.t < end);
    record.notifications = mine.slice(0, 200).map((n) => ({ t: n.t, what: `${n.node}: ${n.what}` }));
    if (event === undefined) return;
    const sought = confirmation(cell, event);
    record.confirmed = mine.find((n) => n.node === sought.node && n.what.startsWith(sought.starts))?.t ?? null;
  });
}
