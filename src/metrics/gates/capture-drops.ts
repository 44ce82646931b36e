/** The captures are whole: a packet the tap dropped, or a file cut short, would be counted as lost by the network. */
import type { Gate } from '../../types/run.ts';
import type { MetricInput } from '../input.ts';

export function captureDrops({ run, captures }: MetricInput): Gate {
  const dropped = run.captures
    .filter((capture) => capture.dropped > 0)
    .map((capture) => `${capture.node}:${capture.interface} dropped ${capture.dropped} of ${capture.captured}`);
  const damaged = captures
    .filter((capture) => capture.damaged !== undefined)
    .map((capture) => `${capture.node}:${capture.interface} ${capture.damaged}`);
  const problems = [...(run.captures.length === 0 ? ['the run has no captures'] : []), ...dropped, ...damaged];
  return { name: 'capture-drops', ok: problems.length === 0, severity: 'invalid', detail: problems.join(', ') || 'none' };
}
