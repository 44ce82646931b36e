/** The numbers of two runs beside each other. */
import { unitOf } from '../stats/index.ts';
import type { Facts } from './facts.ts';
import type { MetricRow } from './types.ts';

/** Rows in a's order, then what only b has. A metric a run did not observe, or does not know, is null. */
export function compareMetrics(a: Facts, b: Facts): MetricRow[] {
  const [inA, inB] = [new Map(Object.entries(a.metrics)), new Map(Object.entries(b.metrics))];
  return [...new Set([...inA.keys(), ...inB.keys()])].map((metric) => {
    const [valueA, valueB] = [inA.get(metric) ?? null, inB.get(metric) ?? null];
    return { metric, unit: unitOf(metric), a: valueA, b: valueB, difference: valueA === null || valueB === null ? null : valueB - valueA };
  });
}
