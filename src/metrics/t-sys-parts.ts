/**
 * What T_SYS of a cell with SCTP flows consists of: the time after t0 in which an end waited for a timer, and the rest. With T3-rtx, the packet that
 * made T_SYS carries a DATA chunk sent again because the timer expired, or answers one when the MN only receives. Repeated expiries
 * before it are one wait. New data or a fast retransmission waited for no timer. When the MN only receives, it may also be the SACK it had held
 * back until its own timer of 200 ms or so (RFC 9260 section 6.2).
 *
 * When a timer has expired, the packet may still wait for address resolution: that part is seen on the wire and belongs to the rest. What the host
 * itself takes from the expiry to the tap is not, so the rest is at most what is not waiting.
 *
 * A tap shows nothing of what an interface that is down was given: a chunk whose message the application had sent at least one
 * RTO.Min before (rated flows only, where nothing queues up) left before, and was lost on the way to the tap.
 */
import type { Flow } from '../types/experiment.ts';
import type { Nanoseconds } from '../types/run.ts';
import { departuresOf } from './deliveries.ts';
import { type MetricInput, mobileNode } from './input.ts';
import type { Measured } from './measured.ts';
import { endsAt } from './protection.ts';
import { beginOf, type Repair } from './repairs.ts';
import { resolutionBefore } from './resolution.ts';
import { type AssociationSighting, type Sighting, sightingsAt, type Trace } from './sighting.ts';
import { AT_ONCE, isHeldBack, leastTimeout } from './timers.ts';

export interface Parts {
  timer: Measured;
  rest: Measured;
  /** what made T_SYS */
  note: string | null;
}

/** Both in seconds, from t0 (ns since epoch); `repairs` by flow. Null with the reason when T_SYS is. */
export function tSysParts(
  input: MetricInput,
  trace: Trace,
  t0: Nanoseconds | null,
  move: Sighting | null,
  repairs: ReadonlyMap<string, readonly Repair[] | null>,
): Parts {
  if (t0 === null || move === null) {
    const nothing = { value: null, notes: ['T_SYS was not observed'] };
    return { timer: nothing, rest: nothing, note: null };
  }
  const resolved = resolutionBefore(input, move);
  const { wait, note: why } = waitOf(input, trace, { t0, asked: move.t - (resolved ?? 0) * 1e9 }, move, repairs);
  const note = resolved === null ? why : `${why}; it waited for ARP (${(resolved * 1e3).toFixed(1)} ms)`;
  const rest = Math.max(0, (move.t - t0) / 1e9 - wait);
  // what is not waiting for the timer mostly follows it
  return { timer: { value: wait, notes: [] }, rest: { value: rest, from: move.t - rest * 1e9, notes: [] }, note };
}

interface Span {
  t0: Nanoseconds;
  /** when what was ready to leave began to wait for its next hop's address; no timer ran then */
  asked: Nanoseconds;
}

interface Wait {
  /** seconds */
  wait: number;
  note: string;
}

function waitOf(
  input: MetricInput,
  trace: Trace,
  span: Span,
  move: Sighting,
  repairs: ReadonlyMap<string, readonly Repair[] | null>,
): Wait {
  if (move.outer.ike !== null) return { wait: 0, note: 'IKE moved first, no SCTP timer' };
  const mobile = mobileNode(input.cell);
  for (const flow of input.cell.flows.filter(({ kind }) => kind === 'sctp')) {
    const found = trace.associations.get(flow.name)!.find(({ outer }) => outer === move.outer) ?? behind(trace, flow, move);
    if (found === undefined) continue;
    if (found.forth) return atSender(input, trace, flow, span, found, repairs.get(flow.name) ?? []);
    if (flow.to === mobile) return atReceiver(input, trace, flow, span, found, repairs.get(flow.name) ?? null);
  }
  return { wait: 0, note: 'no packet of SCTP moved first' };
}

/**
 * What a tunnel's packet carries is seen at the tunnel's interface just before, its addresses do not tell; or as the first since the tunnel's
 * packet before, when it had to wait for the link.
 */
function behind(trace: Trace, flow: Flow, move: Sighting): AssociationSighting | undefined {
  if (!trace.carriers.some(({ outer }) => outer === move.outer)) return undefined;
  const before = trace.carriers.findLast(({ t, node, way }) => node === move.node && way === 'out' && t < move.t)?.t ?? 0;
  const inside = sightingsAt(trace.associations.get(flow.name), move.node, 'out', true).filter(({ t }) => t <= move.t);
  return inside.findLast(({ t }) => move.t - t < AT_ONCE) ?? inside.find(({ t }) => t > before);
}

function atSender(input: MetricInput, trace: Trace, flow: Flow, span: Span, found: AssociationSighting, repairs: readonly Repair[]): Wait {
  const here = repairs.filter(({ outer }) => outer === found.outer);
  const expired = here.find(({ cause }) => cause === 'timeout');
  if (expired !== undefined) return timer(span, beginOf(repairs, expired), expired.t);
  if (here.length > 0) return { wait: 0, note: 'a fast retransmission ruled, no timer' };
  const first = departuresOf(input, trace, flow).find(({ outer }) => outer === found.outer);
  if (first === undefined) return { wait: 0, note: `${names(found)} ruled, no timer` };
  if (flow.rate > 0 && first.sent !== null && first.t - first.sent >= leastTimeout(flow)) {
    const { wait, note } = timer(span, first.sent, first.t);
    return { wait, note: `${note}; the chunk had left before, for an interface that did not take it` };
  }
  return { wait: 0, note: 'new data ruled, no timer' };
}

/** The MN answers: what counts is the last data that came in before. */
function atReceiver(
  input: MetricInput,
  trace: Trace,
  flow: Flow,
  span: Span,
  found: AssociationSighting,
  repairs: readonly Repair[] | null,
): Wait {
  if (repairs === null) return { wait: 0, note: 'no capture at the sender tells what its timer did' };
  const chunks = sightingsAt(trace.flows.get(flow.name), flow.to, 'in', endsAt(input, flow, flow.to));
  const last = chunks.findLast(({ t }) => t <= found.t);
  const asked = new Set(chunks.filter(({ outer }) => outer === last?.outer).map(({ seq }) => seq));
  const isAnswer = found.inner.sctp?.chunks.some(({ name }) => name === 'SACK') ?? false;
  if (last === undefined || !isAnswer) return { wait: 0, note: `${names(found)} ruled, no timer` };
  const cause = repairs.findLast(({ t, seq }) => asked.has(seq) && t <= last.t);
  const asker = cause?.cause === 'timeout' ? timer(span, beginOf(repairs, cause), cause.t) : null;
  if (isHeldBack(flow, (found.t - last.t) / 1e9)) {
    const own = timer(span, last.t, found.t, 'the SACK timer');
    return asker === null ? own : { wait: asker.wait + own.wait, note: `${asker.note}, and then ${own.note}` };
  }
  if (asker !== null) return asker;
  const question = cause === undefined ? 'new data' : 'a fast retransmission';
  return { wait: 0, note: `the answer to ${question} ruled, no timer` };
}

function timer({ t0, asked }: Span, from: Nanoseconds, to: Nanoseconds, name = 'T3-rtx'): Wait {
  const wait = Math.max(0, Math.min(to, asked) - Math.max(t0, from)) / 1e9;
  return { wait, note: `${name} (${(wait * 1e3).toFixed(1)} ms) ruled` };
}

function names({ inner }: AssociationSighting): string {
  return inner.sctp?.chunks.map(({ name }) => name).join(' and ') || 'an empty packet';
}
