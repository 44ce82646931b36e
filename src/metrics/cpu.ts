/**
 * CPU.<node>.<flow>: instructions that one packet of a udp flow costs at each node it passes. With the virtual clock time counts
 * instructions and one CPU does everything, so the time from one stamp to the next is work: at the sender from the application's own
 * stamp to the packet's leaving, at a node between from its coming in to its last leaving, at the receiver from its coming in to the
 * application having read it. A span in which anything else was stamped or captured anywhere holds more than this packet's work, and is left out.
 */
import type { Flow } from '../types/experiment.ts';
import type { DeliveryRecord, Nanoseconds } from '../types/run.ts';
import { firstIndex } from './bisect.ts';
import type { MetricInput } from './input.ts';
import type { Measured } from './measured.ts';
import { median } from './median.ts';
import type { Moment } from './moment.ts';
import { protectionOf } from './protection.ts';
import type { Sighting, Trace } from './sighting.ts';
import { carrierOf, tunnelsOf } from './tunnels.ts';

type Stamped = [seq: number, sent: Nanoseconds, received: Nanoseconds, read: Nanoseconds];
type Span = [from: Nanoseconds, to: Nanoseconds];

/** Instructions by node; empty for a flow whose receiver did not stamp its reading. Packets before t0 count. */
export function cpuOf(input: MetricInput, trace: Trace, { t0 }: Moment, flow: Flow): Map<string, Measured> {
  const spans = new Map<string, Span[]>([
    [flow.from, []],
    [flow.to, []],
  ]);
  const log = (input.deliveries[flow.name] ?? []).filter(isStamped);
  if (!input.cell.measure.includes('CPU') || flow.kind !== 'udp' || log.length === 0) return new Map();
  const all = everything(input);
  const sightings = bySeq(trace, flow);
  for (const packet of log) {
    const [seq, sent, , read] = packet;
    if (t0 !== null && read >= t0) continue;
    const seen = once([...(sightings.get(seq) ?? []), ...carriers(input, trace, flow, sent, read)]);
    const own = [sent, read, ...seen.map(({ t }) => t)];
    for (const [node, span] of spansOf(flow, packet, seen)) {
      const alone = countIn(all, span) === own.filter((t) => t >= span[0] && t <= span[1]).length;
      const list = spans.get(node) ?? [];
      if (alone) list.push(span);
      spans.set(node, list);
    }
  }
  return new Map([...spans].map(([node, list]) => [node, measured(list, input.cpuRate)]));
}

function measured(spans: readonly Span[], cpuRate: number | undefined): Measured {
  if (cpuRate === undefined) return { value: null, notes: ['only the virtual clock counts instructions'] };
  const middle = median(spans.map(([from, to]) => (to - from) / 1e9));
  if (middle === null) return { value: null, notes: ['no packet before the event had the CPU for itself'] };
  return { value: middle * cpuRate, notes: [] };
}

const isStamped = (record: DeliveryRecord): record is Stamped => record[3] !== undefined;

function bySeq(trace: Trace, flow: Flow): Map<number, Sighting[]> {
  const found = new Map<number, Sighting[]>();
  for (const seen of trace.flows.get(flow.name) ?? []) {
    const list = found.get(seen.seq);
    if (list === undefined) found.set(seen.seq, [seen]);
    else list.push(seen);
  }
  return found;
}

/** A tunnel's packets are not read at its ends: those between sending and reading are this packet's, or the span is shared and left out anyway. */
function carriers({ cell }: MetricInput, trace: Trace, flow: Flow, sent: Nanoseconds, read: Nanoseconds): Sighting[] {
  const name = protectionOf(cell, flow)?.name;
  const tunnel = tunnelsOf(cell).find((one) => one.name === name);
  if (tunnel === undefined) return [];
  const begin = firstIndex(trace.carriers, ({ t }) => t >= sent);
  const end = firstIndex(trace.carriers, ({ t }) => t > read);
  return trace.carriers.slice(begin, end).filter(({ outer }) => carrierOf([tunnel], outer) !== null);
}

/** Between the ends of the ESP helper's tunnel a packet is both. */
function once(seen: Sighting[]): Sighting[] {
  const known = new Set<Sighting['outer']>();
  return seen.filter(({ outer }) => !known.has(outer) && known.add(outer));
}

/** What each node did for the packet. */
function spansOf(flow: Flow, [, sent, , read]: Stamped, seen: readonly Sighting[]): [node: string, span: Span][] {
  const found: [string, Span][] = [];
  for (const node of new Set(seen.map((one) => one.node))) {
    const times = (way: 'in' | 'out') => seen.filter((one) => one.node === node && one.way === way).map(({ t }) => t);
    const [came, left] = [times('in'), times('out')];
    // a tunnel's interface comes first on the way out and last on the way in
    const span: Span =
      node === flow.from
        ? [sent, Math.max(...left)]
        : node === flow.to
          ? [Math.min(...came), read]
          : [Math.min(...came), Math.max(...left)];
    if (Number.isFinite(span[0]) && Number.isFinite(span[1]) && span[0] <= span[1]) found.push([node, span]);
  }
  return found;
}

/** Every instant at which anything was captured, sent or read, in order. */
function everything({ captures, deliveries }: MetricInput): Float64Array {
  const stamps = Object.values(deliveries).flatMap((log) =>
    log.flatMap(([, sent, , read]) => (read === undefined ? [sent] : [sent, read])),
  );
  return Float64Array.from([...captures.flatMap(({ packets }) => packets.map(({ t }) => t)), ...stamps]).sort();
}

function countIn(times: Float64Array, [from, to]: Span): number {
  return firstIndex(times, (t) => t > to) - firstIndex(times, (t) => t >= from);
}
