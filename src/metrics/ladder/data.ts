/** The last packet delivered before each flow's outage and the first one after it. */
import type { Flow } from '../../types/experiment.ts';
import { deliveriesOf } from '../deliveries.ts';
import type { MetricInput } from '../input.ts';
import type { Trace } from '../sighting.ts';
import type { FlowResult } from '../stalled.ts';
import type { Entry } from './messages.ts';

export function dataEntries(input: MetricInput, trace: Trace, flows: Map<string, FlowResult>): Entry[] {
  return input.cell.flows.flatMap((flow) => {
    const { gapStart, gapEnd } = flows.get(flow.name)!.facts;
    const deliveries = deliveriesOf(input, trace, flow);
    return [at(flow, 'last-data', gapStart), at(flow, 'first-data', gapEnd)].filter((entry) => entry !== null);

    function at({ name, from, to }: Flow, kind: 'last-data' | 'first-data', t: number | null): Entry | null {
      const delivery = t === null ? undefined : deliveries.find((candidate) => candidate.t === t);
      if (delivery === undefined) return null;
      const label = `${kind === 'last-data' ? 'last' : 'first'} ${name} packet, ${delivery.seq}`;
      return { t: delivery.sent ?? delivery.t, kind, label, from, to, arrived: delivery.t };
    }
  });
}
