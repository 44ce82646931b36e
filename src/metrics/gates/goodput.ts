/**
 * goodput by the capture is what iperf3's receiver counted, in the same seconds, to 2 % and one block (128 KiB unless told otherwise). A
 * warning: its clock starts and ends up to a round trip from the data.
 */
import type { Gate } from '../../types/run.ts';
import { bothGoodputs } from '../goodput.ts';
import type { MetricInput } from '../input.ts';
import type { Trace } from '../sighting.ts';
import type { FlowResult } from '../stalled.ts';

const MOST = 0.02;

/** Null when no bulk flow has both figures. */
export function goodputGate(input: MetricInput, trace: Trace, flows: ReadonlyMap<string, FlowResult>): Gate | null {
  const compared = input.cell.flows.flatMap((flow) => {
    const both = flow.kind === 'tcp' ? bothGoodputs(input, trace, flow, flows.get(flow.name)?.portions ?? []) : null;
    if (both === null) return [];
    const { ours, iperf3, slack } = both;
    const apart = Math.abs(ours - iperf3) / Math.max(ours, iperf3, 1);
    const ok = Math.abs(ours - iperf3) <= MOST * Math.max(ours, iperf3) + slack;
    const shown = `${flow.name}: ${(ours / 1e6).toFixed(3)} Mbit/s by the capture, ${(iperf3 / 1e6).toFixed(3)} by iperf3's receiver`;
    const why = ok && apart > MOST ? ', with one of its blocks allowed for' : '';
    return [{ ok, text: `${shown} (${(apart * 100).toFixed(1)} % apart${why})` }];
  });
  if (compared.length === 0) return null;
  return { name: 'goodput', ok: compared.every(({ ok }) => ok), severity: 'warning', detail: compared.map(({ text }) => text).join('; ') };
}
