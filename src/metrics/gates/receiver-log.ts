/**
 * The capture at the receiver and the receiver's own log hold the same sequence numbers. More on the wire than in the log
 * is explained for packets that reached the interface after their outer destination had left it (IP drops them before IPsec
 * sees them), and when the receiver's kernel counted at least that many IPsec errors: those arrived and were refused. More in
 * the log than in ESP is explained for packets that came in clear: no contradiction, the gate for cleartext has its own word on them.
 */
import type { Flow } from '../../types/experiment.ts';
import type { Gate } from '../../types/run.ts';
import { arrivalsOf, endsAt } from '../deliveries.ts';
import { notHeld } from '../held.ts';
import type { MetricInput } from '../input.ts';
import type { FlowSighting, Trace } from '../trace.ts';

export function receiverLog(input: MetricInput, trace: Trace): Gate {
  const bad: string[] = [];
  const good: string[] = [];
  for (const flow of input.cell.flows.filter((candidate) => candidate.kind === 'udp')) {
    const log = input.deliveries[flow.name];
    if (log === undefined) {
      bad.push(`${flow.name}: the receiver left no log`);
      continue;
    }
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
    if (ownOnly > 0) bad.push(`${flow.name}: ${ownOnly} packets in the receiver's log only`);
    if (wireOnly > refused) bad.push(`${flow.name}: ${wireOnly} packets on the wire only, ${refused} IPsec errors at ${flow.to}`);
    else if (wireOnly > 0) good.push(`${flow.name}: ${wireOnly} packets arrived and were refused by IPsec at ${flow.to}`);
    if (open > 0) good.push(`${flow.name}: ${open} packets arrived in clear`);
    if (late > 0) good.push(`${flow.name}: ${late} packets arrived for an address ${flow.to} had given up`);
  }
  return { name: 'receiver-log', ok: bad.length === 0, severity: 'invalid', detail: [...bad, ...good].join('; ') || 'the same numbers' };
}

/** Numbers of a protected flow that reached its receiver, an end of the protection, but never in ESP. */
function clearOnly(input: MetricInput, trace: Trace, flow: Flow, arrivals: FlowSighting[]): Set<number> {
  if (!endsAt(input, flow, flow.to)) return new Set();
  const sealed = new Set(arrivals.map(({ seq }) => seq));
  const all = trace.flows.get(flow.name) ?? [];
  return new Set(all.filter((s) => s.node === flow.to && s.way === 'in' && !s.sealed && !sealed.has(s.seq)).map(({ seq }) => seq));
}

/** How many of `some` are not in `others`. */
function missing(some: Set<number>, others: Set<number>): number {
  return [...some].filter((seq) => !others.has(seq)).length;
}

function inboundErrors({ run }: MetricInput, node: string): number {
  const counters = Object.entries(run.xfrmErrors[node] ?? {}).filter(([name]) => !name.startsWith('XfrmOut'));
  return counters.reduce((sum, [, count]) => sum + count, 0);
}
