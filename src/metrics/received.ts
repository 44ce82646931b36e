/** What a flow's receiver got, counted and put in order as its transport does it. */
import type { Flow } from '../types/experiment.ts';
import { type Delivery, deliveriesOf, departuresOf } from './deliveries.ts';
import { inOrder } from './in-order.ts';
import type { MetricInput } from './input.ts';
import { countSequence, firstArrivals, type SequenceCounts } from './sequence.ts';
import type { Trace } from './sighting.ts';

/** User data that arrived. */
export interface Portion {
  t: number;
  octets: number;
}

export interface Received {
  /** what let the application go on, by time: first arrivals of udp's packets, what mptcp's reader read, progress of the stream of tcp and sctp */
  arrivals: Delivery[];
  /** true: each number is one packet or message, and one that `arrivals` lack is missing; false (tcp, sctp): several may become readable at once */
  numbered: boolean;
  /** packets (udp), segments (tcp), chunks (sctp), messages (mptcp) */
  sent: number;
  counts: SequenceCounts;
  /** number of the last one sent as far as taps tell; null when unknown */
  lastSeq: number | null;
  /** sctp, mptcp: messages that were written and never read, also those no tap saw; 0 without a log */
  unread: number;
  /** each octet once: when it first arrived, or for tcp and mptcp when it could be read */
  portions: Portion[];
  /** what a reader must know about the counts */
  notes: string[];
}

/** Packets, segments, chunks or messages of one flow, by its kind. */
export function receivedOf(input: MetricInput, trace: Trace, flow: Flow): Received {
  const deliveries = deliveriesOf(input, trace, flow);
  switch (flow.kind) {
    case 'tcp':
      return stream(deliveries);
    case 'sctp':
      return association(input, trace, flow, deliveries);
    default:
      return messages(input, flow, deliveries);
  }
}

/** udp's packets, and mptcp's messages: a stream of messages is read without holes. */
function messages(input: MetricInput, flow: Flow, deliveries: Delivery[]): Received {
  const arrivals = firstArrivals(deliveries);
  const sent = input.run.flowsSent[flow.name] ?? 0;
  const notes =
    flow.kind === 'mptcp'
      ? ["sequence numbers of subflows say nothing about the connection: messages are those of the receiver's own log"]
      : [];
  return {
    ...{ arrivals, sent, notes, portions: arrivals },
    numbered: true,
    counts: countSequence(deliveries, sent),
    lastSeq: sent > 0 ? sent - 1 : null,
    unread: flow.kind === 'mptcp' ? unreadOf(input, flow) : 0,
  };
}

function stream(deliveries: Delivery[]): Received {
  const { progress, gains, counts } = inOrder(deliveries);
  const portions = progress.map(({ t }, i) => ({ t, octets: gains[i]! }));
  const notes = ['TCP repairs loss itself: only the stall of its in-order progress is counted'];
  return { arrivals: progress, numbered: false, sent: counts.received, counts, lastSeq: null, unread: 0, portions, notes };
}

/**
 * A chunk sent again is no new one: lost is what never arrived in any copy. What first left after the flows had stopped is not counted: the
 * sender still empties its buffer then, until the association ends, and whether the rest is repaired before that says nothing.
 */
function association(input: MetricInput, trace: Trace, flow: Flow, deliveries: Delivery[]): Received {
  const { progress } = inOrder(deliveries, 0);
  const left = firstArrivals(departuresOf(input, trace, flow));
  const first = firstArrivals(deliveries);
  const late = new Set(left.flatMap(({ t, seq }) => (t > input.run.flowsStop ? [seq] : [])));
  const counted = deliveries.filter(({ seq }) => !late.has(seq));
  const sent = Math.max(left.length, first.length) - late.size;
  const lastSeq = left.reduce((highest, { seq }) => Math.max(highest, seq), -1);
  return {
    ...{ arrivals: progress, sent, portions: first, notes: [] },
    numbered: false,
    counts: countSequence(counted, sent),
    lastSeq: lastSeq < 0 ? null : lastSeq,
    unread: unreadOf(input, flow),
  };
}

/** What dies with an interface no tap sees: a sender whose association is gone goes on writing, and nothing leaves. */
function unreadOf({ run, deliveries }: MetricInput, { name }: Flow): number {
  const log = deliveries[name];
  return log === undefined ? 0 : Math.max(0, (run.flowsSent[name] ?? 0) - new Set(log.map(([seq]) => seq)).size);
}
