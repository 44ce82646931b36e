/**
 * What T_SYS of a cell with SCTP flows consists of: the time after t0 in which the sender waited for T3-rtx, and the rest. The packet that
 * made T_SYS carries a DATA chunk sent again because the timer expired, or answers one when the MN only receives. Repeated expiries
 * before it are one wait. New data, a fast retransmission or a HEARTBEAT waited for no timer.
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
import type { Repair } from './repairs.ts';
import { type AssociationSighting, type Sighting, sightingsAt, type Trace } from './sighting.ts';

export interface Parts {
  timer: Measured;
  rest: Measured;
  /** which of the two made T_SYS */
  note: string | null;
}

/** Seconds when RTO.Min is not known (RFC 9260 section 16) */
const RTO_MIN = 1;

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
  const { wait, note } = waitOf(input, trace, t0, move, repairs);
  const rest = Math.max(0, (move.t - t0) / 1e9 - wait);
  // what is not waiting for the timer mostly follows it
  return { timer: { value: wait, notes: [] }, rest: { value: rest, from: move.t - rest * 1e9, notes: [] }, note };
}

interface Wait {
  /** seconds */
  wait: number;
  note: string;
}

function waitOf(
  input: MetricInput,
  trace: Trace,
  t0: Nanoseconds,
  move: Sighting,
  repairs: ReadonlyMap<string, readonly Repair[] | null>,
): Wait {
  if (move.outer.ike !== null) return { wait: 0, note: 'IKE moved first, no SCTP timer' };
  const mobile = mobileNode(input.cell);
  for (const flow of input.cell.flows.filter(({ kind }) => kind === 'sctp')) {
    const found = trace.associations.get(flow.name)!.find(({ outer }) => outer === move.outer) ?? behind(trace, flow, move);
    if (found === undefined) continue;
    if (found.forth) return atSender(input, trace, flow, t0, found, repairs.get(flow.name) ?? []);
    if (flow.to === mobile) return atReceiver(input, trace, flow, t0, found, repairs.get(flow.name) ?? null);
  }
  return { wait: 0, note: 'no packet of SCTP moved first' };
}

/** What a packet of WireGuard carries is seen at the tunnel's interface just before; its addresses do not tell. */
function behind(trace: Trace, flow: Flow, move: Sighting): AssociationSighting | undefined {
  if (!trace.wireguard.some(({ outer }) => outer === move.outer)) return undefined;
  return trace.associations
    .get(flow.name)!
    .findLast(({ t, node, way, sealed }) => node === move.node && way === 'out' && sealed && t <= move.t && move.t - t < 1e6);
}

function atSender(
  input: MetricInput,
  trace: Trace,
  flow: Flow,
  t0: Nanoseconds,
  found: AssociationSighting,
  repairs: readonly Repair[],
): Wait {
  const here = repairs.filter(({ outer }) => outer === found.outer);
  const expired = here.find(({ cause }) => cause === 'timeout');
  if (expired !== undefined) return timer(t0, begin(repairs, expired), expired.t);
  if (here.length > 0) return { wait: 0, note: 'a fast retransmission ruled, no timer' };
  const first = departuresOf(input, trace, flow).find(({ outer }) => outer === found.outer);
  if (first === undefined) return { wait: 0, note: `${names(found)} ruled, no timer` };
  const least = (flow.sctp?.rtoMin ?? RTO_MIN) * 1e9;
  if (flow.rate > 0 && first.sent !== null && first.t - first.sent >= least) {
    const { wait, note } = timer(t0, first.sent, first.t);
    return { wait, note: `${note}; the chunk had left before, for an interface that did not take it` };
  }
  return { wait: 0, note: 'new data ruled, no timer' };
}

/** The MN answers: what counts is the last data that came in before. */
function atReceiver(
  input: MetricInput,
  trace: Trace,
  flow: Flow,
  t0: Nanoseconds,
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
  if (cause === undefined) return { wait: 0, note: 'the answer to new data ruled, no timer' };
  if (cause.cause === 'fast') return { wait: 0, note: 'the answer to a fast retransmission ruled, no timer' };
  return timer(t0, begin(repairs, cause), cause.t);
}

/** When the chunk had left for the last time before the expiries that lead to this one. */
function begin(repairs: readonly Repair[], { seq, previous }: Repair): Nanoseconds {
  const expiries = new Map(
    repairs.filter((repair) => repair.seq === seq && repair.cause === 'timeout').map(({ t, previous: p }) => [t, p]),
  );
  let earliest = previous;
  for (let before = expiries.get(earliest); before !== undefined && before < earliest; before = expiries.get(earliest)) earliest = before;
  return earliest;
}

function timer(t0: Nanoseconds, from: Nanoseconds, to: Nanoseconds): Wait {
  const wait = Math.max(0, to - Math.max(t0, from)) / 1e9;
  return { wait, note: `T3-rtx (${(wait * 1e3).toFixed(1)} ms) ruled` };
}

function names({ inner }: AssociationSighting): string {
  return inner.sctp?.chunks.map(({ name }) => name).join(' and ') || 'an empty packet';
}
