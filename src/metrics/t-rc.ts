/**
 * T_RC: the path probe and its response. A probe is an INFORMATIONAL request without UPDATE_SA_ADDRESSES, sent by the
 * MN from a new address after t0 and before its first UPDATE (a later one is dead peer detection). The peer's own checks are
 * none, nor are requests that add or remove a path. RFC 4555 section 3.10 leaves a probe's content open; charon repeats one
 * message ID over every path it tries, so only copies sent from the new address count.
 */
import { changesPaths, exchangesFrom, firstUpdate, INFORMATIONAL, isUpdate, roundTrip } from './exchange.ts';
import { type MetricInput, mobileNode } from './input.ts';
import type { Measured } from './measured.ts';
import type { Moment } from './moment.ts';
import { newPath } from './path.ts';
import type { IkeSighting, Trace } from './sighting.ts';

export interface Probe {
  requests: IkeSighting[];
  responses: IkeSighting[];
}

/** The first path probe after t0 (ns since epoch), or null. */
export function firstProbe(input: MetricInput, trace: Trace, t0: number): Probe | null {
  const mobile = mobileNode(input.cell);
  const exchanges = exchangesFrom(trace, mobile);
  const isNew = newPath(input, trace, t0);
  const until = firstUpdate(exchanges, t0)?.requests[0]?.t ?? Number.POSITIVE_INFINITY;
  for (const exchange of exchanges) {
    if (exchange.exchange !== INFORMATIONAL || isUpdate(exchange) || changesPaths(exchange) || !exchange.decrypted) continue;
    const requests = exchange.requests.filter((seen) => seen.t >= t0 && seen.t < until && isNew(seen));
    if (requests.length > 0) return answeredPath(requests, exchange.responses);
  }
  return null;
}

/**
 * charon sends one request to every address of its peer under one message ID: the probe that is timed is the first whose own path was
 * answered, and its repeats are those on that path. With no answer at all, the first path tried.
 */
function answeredPath(requests: IkeSighting[], responses: IkeSighting[]): Probe {
  const answersTo = ({ outer }: IkeSighting) => responses.filter((back) => back.outer.src === outer.dst && back.outer.dst === outer.src);
  const first = requests.find((request) => answersTo(request).length > 0) ?? requests[0]!;
  const samePath = requests.filter(({ outer }) => outer.src === first.outer.src && outer.dst === first.outer.dst);
  return { requests: samePath, responses: answersTo(first) };
}

/** Seconds from the probe's first transmission; null with the reason when there was none or no answer. */
export function tRc(input: MetricInput, trace: Trace, moment: Moment): Measured {
  if (moment.t0 === null) return { value: null, notes: ['no event to count from'] };
  const probe = firstProbe(input, trace, moment.t0);
  if (probe === null) return { value: null, notes: ['no path probe from a new address'] };
  const notes = probe.requests.length > 1 ? [`the probe was sent ${probe.requests.length} times`] : [];
  const value = roundTrip(probe.requests, probe.responses);
  if (value === null) return { value, notes: [...notes, 'the path probe was never answered'] };
  return { value, from: probe.requests[0]!.t, notes };
}
