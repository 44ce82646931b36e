/** The run went through all its steps. */
import type { Gate } from '../../types/run.ts';
import type { MetricInput } from '../input.ts';

export function complete({ run }: MetricInput): Gate {
  return { name: 'complete', ok: run.error === null, severity: 'invalid', detail: run.error ?? 'all steps done' };
}
