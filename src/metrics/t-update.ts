/** T_UPDATE: the request with UPDATE_SA_ADDRESSES (RFC 4555 section 3.5) and its response, both as the MN's interfaces saw them. */
import { exchangesFrom, firstUpdate, isUpdate, roundTrip } from './exchange.ts';
import { type MetricInput, mobileNode } from './input.ts';
import type { Measured } from './measured.ts';
import type { Moment } from './moment.ts';
import { refusal } from './refusal.ts';
import type { Trace } from './sighting.ts';

/** Seconds from the first transmission of the first UPDATE after t0; null with the reason otherwise. */
export function tUpdate(input: MetricInput, trace: Trace, moment: Moment): Measured {
  const { t0 } = moment;
  if (t0 === null) return { value: null, notes: ['no event to count from'] };
  const exchanges = exchangesFrom(trace, mobileNode(input.cell));
  const update = firstUpdate(exchanges, t0);
  if (update === undefined) return { value: null, notes: ['no UPDATE_SA_ADDRESSES request'] };
  const notes: string[] = [];
  if (update.requests.length > 1) notes.push(`the request was sent ${update.requests.length} times`);
  const all = exchanges.filter((exchange) => isUpdate(exchange) && exchange.requests[0]!.t >= t0).length;
  if (all > 1) notes.push(`${all} UPDATE exchanges followed the event; the first is measured`);
  const refused = refusal(update);
  if (refused !== null) notes.push(`the request was refused: ${refused}`);
  const value = roundTrip(update.requests, update.responses);
  if (value === null) notes.push('the request was never answered');
  return { value, from: update.requests[0]!.t, notes };
}
