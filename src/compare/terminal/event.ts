/** The first differing event, side by side, with its times counted from each run's zero. */
import type { EventRecord, Nanoseconds } from '../../types/run.ts';
import type { EventDifference } from '../types.ts';
import { fold, halfOf, printable, sideBySide } from './columns.ts';
import { ns, precise } from './words.ts';

export function eventTitle({ line, field, a, later }: EventDifference): string {
  const where = `events.jsonl, line ${line}`;
  if (field === null) return `${where}: only in ${a === null ? 'B' : 'A'}`;
  const time = later === null ? '' : `, B is ${ns(Math.abs(later))} ${later > 0 ? 'later' : 'earlier'}`;
  return `${where}: ${printable(field)} differs${time}`;
}

/** `zeroA`, `zeroB`: what the times of each run are counted from. */
export function eventLines(difference: EventDifference, zeroA: Nanoseconds, zeroB: Nanoseconds, columns: number): string[] {
  const notification = Number(/^notifications\[(\d+)\]/.exec(difference.field ?? '')?.[1] ?? -1);
  const show = (event: EventRecord | null, zero: Nanoseconds): string[] => {
    if (event === null) return ['no such event'];
    const at = (t: Nanoseconds | null): string => (t === null ? 'never' : precise((t - zero) / 1e9));
    const told = event.notifications[notification];
    return [
      `${event.kind} at ${event.node}`,
      `requested  ${at(event.requested)}`,
      `issued     ${at(event.issued)}`,
      `confirmed  ${at(event.confirmed)}`,
      `${event.notifications.length} notifications`,
      ...(told === undefined ? [] : [`notification ${notification + 1}: ${at(told.t)} ${told.what}`]),
    ].flatMap((line) => fold(printable(line), halfOf(columns)));
  };
  return sideBySide(show(difference.a, zeroA), show(difference.b, zeroB), columns);
}
