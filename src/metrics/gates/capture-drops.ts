/** The taps kept up: a packet the capture dropped would be counted as lost by the network. */
import type { Gate } from '../../types/run.ts';
import type { MetricInput } from '../input.ts';

export function captureDrops({ run }: MetricInput): Gate {
  const bad = run.captures.filter((capture) => capture.dropped > 0);
  const none = run.captures.length === 0;
  const detail = none
    ? 'the run has no captures'
    : bad.map((capture) => `${capture.node}:${capture.interface} dropped ${capture.dropped} of ${capture.captured}`).join(', ');
  return { name: 'capture-drops', ok: !none && bad.length === 0, severity: 'invalid', detail: detail || 'none' };
}
