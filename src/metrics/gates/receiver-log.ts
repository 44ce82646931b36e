/**
 * The capture at the receiver and the receiver's own log hold the same sequence numbers. More on the wire than in the log
 * is explained when the receiver's kernel counted at least that many IPsec errors: those packets arrived and were refused.
 */
import type { Gate } from '../../types/run.ts';
import { arrivalsOf } from '../deliveries.ts';
import type { MetricInput } from '../input.ts';
import type { Trace } from '../trace.ts';

export function receiverLog(input: MetricInput, trace: Trace): Gate {
  const bad: string[] = [];
  const good: string[] = [];
  for (const flow of input.cell.flows.filter((candidate) => candidate.kind === 'udp')) {
    const log = input.deliveries[flow.name];
    if (log === undefined) {
      bad.push(`${flow.name}: the receiver left no log`);
      continue;
    }
    const wire = new Set(arrivalsOf(input, trace, flow).map((seen) => seen.seq));
    const own = new Set(log.map(([seq]) => seq));
    const wireOnly = missing(wire, own);
    const ownOnly = missing(own, wire);
    const refused = inboundErrors(input, flow.to);
    if (ownOnly > 0) bad.push(`${flow.name}: ${ownOnly} packets in the receiver's log only`);
    if (wireOnly > refused) bad.push(`${flow.name}: ${wireOnly} packets on the wire only, ${refused} IPsec errors at ${flow.to}`);
    else if (wireOnly > 0) good.push(`${flow.name}: ${wireOnly} packets arrived and were refused by IPsec at ${flow.to}`);
  }
  return { name: 'receiver-log', ok: bad.length === 0, severity: 'invalid', detail: [...bad, ...good].join('; ') || 'the same numbers' };
}

/** How many of `some` are not in `others`. */
function missing(some: Set<number>, others: Set<number>): number {
  return [...some].filter((seq) => !others.has(seq)).length;
}

function inboundErrors({ run }: MetricInput, node: string): number {
  const counters = Object.entries(run.xfrmErrors[node] ?? {}).filter(([name]) => !name.startsWith('XfrmOut'));
  return counters.reduce((sum, [, count]) => sum + count, 0);
}
