/**
 * The capture at the receiver and the receiver's own log hold the same sequence numbers. More on the wire than in the log
 * is explained for packets that reached the interface after their outer destination had left it (IP drops them before IPsec
 * sees them), and when the receiver's kernel counted at least that many IPsec errors: those arrived and were refused. More in
 * the log than in ESP is explained for packets that came in clear: no contradiction, the gate for cleartext has its own word on them.
 *
 * SCTP is compared by message: those whose chunks arrived, with their octets, are those that were read. More on the wire is explained
 * beyond the last one read. Of MPTCP the log is all there is.
 */
import type { Flow } from '../../types/experiment.ts';
import type { DeliveryRecord, Gate } from '../../types/run.ts';
import { arrivalsOf, deliveriesOf, inboundErrors } from '../deliveries.ts';
import { notHeld } from '../held.ts';
import type { MetricInput } from '../input.ts';
import { messagesOf } from '../messages.ts';
import { endsAt } from '../protection.ts';
import type { FlowSighting, Trace } from '../sighting.ts';

interface Judgement {
  bad: string[];
  good: string[];
}

export function receiverLog(input: MetricInput, trace: Trace): Gate {
  const judged = input.cell.flows
    .filter(({ kind }) => kind !== 'tcp')
    .map((flow) => {
      const { bad, good } = judge(input, trace, flow, input.deliveries[flow.name]);
      const named = (what: string): string => `${flow.name}: ${what}`;
      return { bad: bad.map(named), good: good.map(named) };
    });
  const bad = judged.flatMap((one) => one.bad);
  const detail = [...bad, ...judged.flatMap((one) => one.good)].join('; ');
  return { name: 'receiver-log', ok: bad.length === 0, severity: 'invalid', detail: detail || 'the same numbers' };
}

function judge(input: MetricInput, trace: Trace, flow: Flow, log: DeliveryRecord[] | undefined): Judgement {
  if (log === undefined) return { bad: ['the receiver left no log'], good: [] };
  if (flow.kind === 'udp') return packets(input, trace, flow, log);
  if (flow.kind === 'sctp') return messages(input, trace, flow, log);
  return { bad: [], good: [`${log.length} messages by the receiver's own log, which is where the numbers come from`] };
}

function packets(input: MetricInput, trace: Trace, flow: Flow, log: DeliveryRecord[]): Judgement {
  const bad: string[] = [];
  const good: string[] = [];
  const gone = notHeld(input, flow.to);
  const arrivals = arrivalsOf(input, trace, flow);
  const own = new Set(log.map(([seq]) => seq));
  // between the command and the kernel's last word on the address IP may have dropped a packet or passed it on: the log tells
  const wire = arrivals.filter(({ seq, outer, t }) => !gone(outer.dst, t, own.has(seq) ? 'certainly' : 'possibly'));
  const kept = new Set(wire.map(({ seq }) => seq));
  const late = missing(new Set(arrivals.map(({ seq }) => seq)), new Set([...kept, ...own]));
  const wireOnly = missing(kept, own);
  const clear = clearOnly(input, trace, flow, arrivals);
  const ownOnly = missing(own, new Set([...kept, ...clear]));
  const open = [...clear].filter((seq) => own.has(seq)).length;
  const refused = inboundErrors(input, flow.to);
  if (ownOnly > 0) bad.push(`${ownOnly} packets in the receiver's log only`);
  if (wireOnly > refused) bad.push(`${wireOnly} packets on the wire only, ${refused} IPsec errors at ${flow.to}`);
  else if (wireOnly > 0) good.push(`${wireOnly} packets arrived and were refused by IPsec at ${flow.to}`);
  if (open > 0) good.push(`${open} packets arrived in clear`);
  if (late > 0) good.push(`${late} packets arrived for an address ${flow.to} had given up`);
  return { bad, good };
}

function messages(input: MetricInput, trace: Trace, flow: Flow, log: DeliveryRecord[]): Judgement {
  const wire = messagesOf(deliveriesOf(input, trace, flow) as FlowSighting[]);
  const own = new Set(log.map(([seq]) => seq));
  const last = log.reduce((highest, [seq]) => Math.max(highest, seq), -1);
  const bad: string[] = [];
  const good: string[] = [];
  const ownOnly = missing(own, wire);
  const unread = [...wire.keys()].filter((seq) => !own.has(seq));
  const late = unread.filter((seq) => seq > last).length;
  const octets = [...wire].reduce((sum, [seq, count]) => (own.has(seq) ? sum + count : sum), 0);
  if (ownOnly > 0) bad.push(`${ownOnly} messages in the receiver's log only`);
  if (unread.length > late) bad.push(`${unread.length - late} messages on the wire only`);
  if (ownOnly === 0 && octets !== own.size * flow.size)
    bad.push(`${octets} octets on the wire, ${own.size * flow.size} in the receiver's log`);
  if (own.size !== log.length) bad.push(`${log.length - own.size} messages read twice`);
  if (late > 0) good.push(`${late} messages arrived after the last one that was read`);
  return { bad, good };
}

/** Numbers of a protected flow that reached its receiver, an end of the protection, but never in ESP. */
function clearOnly(input: MetricInput, trace: Trace, flow: Flow, arrivals: FlowSighting[]): Set<number> {
  if (!endsAt(input, flow, flow.to)) return new Set();
  const sealed = new Set(arrivals.map(({ seq }) => seq));
  const all = trace.flows.get(flow.name) ?? [];
  return new Set(all.filter((s) => s.node === flow.to && s.way === 'in' && !s.sealed && !sealed.has(s.seq)).map(({ seq }) => seq));
}

/** How many of `some` are not in `others`. */
function missing(some: Set<number>, others: { has: (seq: number) => boolean }): number {
  return [...some].filter((seq) => !others.has(seq)).length;
}
