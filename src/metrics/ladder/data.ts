/**
 * The last packet delivered before each flow's outage and the one that ended it. Of a stream that is what its reader had waited for: chunks and segments
 * beyond the hole may have come before. A chunk of SCTP begins its way when that copy left, not when its message was written.
 */
import type { Flow } from '../../types/experiment.ts';
import { deliveriesOf } from '../deliveries.ts';
import type { MetricInput } from '../input.ts';
import type { Trace } from '../sighting.ts';
import type { FlowResult } from '../stalled.ts';
import { departuresBefore } from '../transit.ts';
import type { Entry } from './messages.ts';

export function dataEntries(input: MetricInput, trace: Trace, flows: Map<string, FlowResult>): Entry[] {
  return input.cell.flows.flatMap((flow) => {
    const { gapStart, gapEnd } = flows.get(flow.name)!.facts;
    if (gapStart === null && gapEnd === null) return [];
    const deliveries = deliveriesOf(input, trace, flow);
    const leaves = flow.kind === 'sctp' ? departuresBefore(input, trace, flow) : null;
    return [at(flow, 'last-data', gapStart), at(flow, 'first-data', gapEnd)].filter((entry) => entry !== null);

    function at({ name, from, to }: Flow, kind: 'last-data' | 'first-data', t: number | null): Entry | null {
      const delivery = t === null ? undefined : deliveries.find((candidate) => candidate.t === t);
      if (delivery === undefined) return null;
      const label = kind === 'last-data' ? `last ${name} packet, ${delivery.seq}` : `${name} packet that ended the stall, ${delivery.seq}`;
      return { t: leaves?.(delivery)?.t ?? delivery.sent ?? delivery.t, kind, label, from, to, arrived: delivery.t };
    }
  });
}
