/**
 * What an SCTP flow's outage lasted for, read off the chunk that ended it and what its sender waited for before that chunk left:
 *
 * - T3-rtx, fast: it is a copy, sent for that reason (repairs.ts), or it left right after the SACK that such a copy brought back: the copy
 *   itself may be of a chunk that had arrived, when only its SACK was lost;
 * - SACK timer: it had to wait for room in the window, and left right after a SACK that the receiver had held back, having got a single
 *   packet: up to `sackDelay`, 200 ms mostly (RFC 9260 section 6.2). A SACK before may have gone to an address that is gone;
 * - ARP: it left right after an address was resolved;
 * - window: it was written before a SACK that came as soon as it could, and left right after it. A path that is new may carry a few packets
 *   until then (RFC 9260 section 7.2.1);
 * - none: something else, or the way itself.
 *
 * When several waits follow each other, it is the last one.
 */
import type { Flow } from '../types/experiment.ts';
import type { Nanoseconds, Ruled } from '../types/run.ts';
import type { MetricInput } from './input.ts';
import type { Outage } from './outage.ts';
import { endsAt } from './protection.ts';
import { beginOf, type Repair } from './repairs.ts';
import { resolutionBefore } from './resolution.ts';
import { type AssociationSighting, type FlowSighting, type Sighting, sightingsAt, type Trace } from './sighting.ts';
import { AT_ONCE, isHeldBack, leastTimeout } from './timers.ts';
import { departuresBefore } from './transit.ts';
import { tunnelAt } from './tunnels.ts';

/** round trips looked back at */
const MOST_ROUNDS = 20;

/** Null when there was no outage that ended, or no capture shows what the sender sent. `repairs`: as repairsOf has them. */
export function stalledBy(
  input: MetricInput,
  trace: Trace,
  flow: Flow,
  outage: Outage | null,
  repairs: readonly Repair[] | null,
): Ruled | null {
  if (outage?.kind !== 'outage' || outage.gapEnd === null || repairs === null) return null;
  const departureOf = departuresBefore(input, trace, flow);
  const arrived = arrivedAt(input, trace, flow).find(({ t }) => t === outage.gapEnd);
  const ended = arrived === undefined ? null : departureOf(arrived);
  if (ended === null) return null;
  let opened: Answer | null = null;
  let waiting: FlowSighting | null = ended;
  for (let i = 0; waiting !== null && waiting.t > outage.gapStart! && i < MOST_ROUNDS; i += 1) {
    const { outer, seq } = waiting;
    const repair = repairs.find((one) => one.outer === outer && one.seq === seq);
    if (repair?.cause === 'fast') return { what: 'fast', seconds: (repair.t - repair.previous) / 1e9 };
    if (repair !== undefined) return { what: 'T3-rtx', seconds: (repair.t - beginOf(repairs, repair)) / 1e9 };
    const answer = answerBefore(input, trace, flow, waiting.t);
    if (answer === null) break;
    if (isHeldBack(flow, answer.held)) return { what: 'SACK timer', seconds: answer.held };
    if (waiting === ended && (ended.sent === null || ended.sent < answer.t)) opened = answer;
    waiting = departureOf(answer.to);
  }
  const age = ended.sent === null ? 0 : ended.t - ended.sent;
  // its first copy never reached the tap, as in t-sys-parts.ts
  if (flow.rate > 0 && age >= leastTimeout(flow)) return { what: 'T3-rtx', seconds: age / 1e9 };
  const resolved = resolutionBefore(input, outside(input, trace, ended));
  if (resolved !== null) return { what: 'ARP', seconds: resolved };
  const asked = opened === null ? null : departureOf(opened.to);
  return asked === null ? { what: 'none', seconds: 0 } : { what: 'window', seconds: (ended.t - asked.t) / 1e9 };
}

/** `the SACK timer (200.1 ms) ruled the stall`. */
export function ruledText({ what, seconds }: Ruled): string {
  const ms = `(${(seconds * 1e3).toFixed(1)} ms)`;
  if (what === 'none') return 'no timer ruled the stall';
  const name = {
    'T3-rtx': 'T3-rtx',
    fast: 'a fast retransmission',
    'SACK timer': 'the SACK timer',
    ARP: 'ARP',
    window: 'room in the window',
  }[what];
  return `${name} ${ms} ruled the stall`;
}

/** What was seen on a tunnel's interface leaves as the tunnel's next packet. */
function outside({ cell }: MetricInput, trace: Trace, seen: Sighting): Sighting {
  if (tunnelAt(cell, seen.node, seen.interface) === null) return seen;
  return trace.carriers.find(({ t, node, way }) => node === seen.node && way === 'out' && t >= seen.t) ?? seen;
}

interface Answer {
  /** when the SACK was there */
  t: Nanoseconds;
  /** the last data the receiver had got before its SACK */
  to: FlowSighting;
  /** seconds from there to the SACK */
  held: number;
}

/** The SACK that the sender had got right before `t`; null when something else or nothing was there. */
function answerBefore(input: MetricInput, trace: Trace, flow: Flow, t: Nanoseconds): Answer | null {
  const all = trace.associations.get(flow.name);
  const came = sightingsAt(all, flow.from, 'in', endsAt(input, flow, flow.from)).findLast((seen) => !seen.forth && seen.t <= t);
  if (came === undefined || t - came.t > AT_ONCE || !isSack(came)) return null;
  const content = contentOf(came);
  const left = sightingsAt(all, flow.to, 'out', endsAt(input, flow, flow.to)).findLast(
    (seen) => seen.t <= came.t && isSack(seen) && contentOf(seen) === content,
  );
  const to = left === undefined ? undefined : arrivedAt(input, trace, flow).findLast((seen) => seen.t < left.t);
  return left === undefined || to === undefined ? null : { t: came.t, to, held: (left.t - to.t) / 1e9 };
}

function arrivedAt(input: MetricInput, trace: Trace, flow: Flow): FlowSighting[] {
  return sightingsAt(trace.flows.get(flow.name), flow.to, 'in', endsAt(input, flow, flow.to));
}

function isSack({ inner }: AssociationSighting): boolean {
  return inner.sctp?.chunks.some(({ name }) => name === 'SACK') ?? false;
}

function contentOf({ inner }: AssociationSighting): string {
  const sacks = (inner.sctp?.chunks ?? []).flatMap(({ content }) => (content?.kind === 'sack' ? [content] : []));
  return `${inner.src} ${inner.dst} ${JSON.stringify(sacks)}`;
}
