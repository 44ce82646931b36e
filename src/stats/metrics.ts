/** What the name of a metric tells: `<base>`, `<base>.<part or flow>`, `CPU.<node>.<flow>`, `stages.<node>.<stage>`. */
import type { MetricName } from '../types/experiment.ts';
import type { Unit } from '../types/run.ts';

/** Metrics that are not times. */
const UNITS: Partial<Record<MetricName, Unit>> = {
  loss: 'packets',
  retransmitted: 'packets',
  throughput: 'bit/s',
  goodput: 'bit/s',
  cwnd: 'segments',
  stages: 's/packet',
  CPU: 'instructions',
};

/** Over before any event, or not about one: what a null run has of them is another measurement, not a floor. */
const WITHOUT_FLOOR: readonly MetricName[] = ['T_IKE', 'T_SCTP', 'throughput', 'goodput', 'cwnd', 'stages', 'CPU'];

/** `T_SYS` of `T_SYS.timer`. */
export function baseOf(metric: string): MetricName {
  return metric.split('.')[0] as MetricName;
}

export function unitOf(metric: string): Unit {
  return UNITS[baseOf(metric)] ?? 's';
}

export function hasFloor(metric: string): boolean {
  return !WITHOUT_FLOOR.includes(baseOf(metric));
}
