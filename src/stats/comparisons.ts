/**
 * What protection costs: the metrics of each cell beside those of the cell that is like it in everything but what protects it.
 * The interval is that of the difference itself, because two overlapping intervals of medians do not say that there is none.
 */
import { deriveSeed } from '../host/random.ts';
import type { CellSummary, Comparison, MetricSummary } from '../types/run.ts';
import { percentileInterval, resampledMedians, SMALLEST_N_FOR_INTERVAL, sorted } from './quartiles.ts';
import { groupsOf, securityOf } from './security.ts';

/** Observed values in ascending order, and the medians of their resamples, made when first asked for. */
interface Side {
  values: number[];
  median: number;
  medians: () => Float64Array;
}

/**
 * Every cell with a `security` beside `none`, transport mode beside tunnel mode of the same cipher, and esp beside null in the same mode,
 * in all metrics both have values of. Difference and ratio of the medians, in the metric's unit, with a percentile bootstrap of the
 * difference that resamples both cells independently; with fewer than six values on either side its range over all pairs, with a single one
 * none. Deterministic.
 */
export function comparisons(cells: readonly CellSummary[], seed: number): Comparison[] {
  const sides = new Map<string, Side | null>();
  const sideOf = ({ cell }: CellSummary, summary: MetricSummary): Side | null => {
    const key = JSON.stringify([cell, summary.metric]);
    if (!sides.has(key)) sides.set(key, side(summary, deriveSeed(seed, cell, summary.metric)));
    return sides.get(key)!;
  };
  return pairs(cells).flatMap(([cell, baseline]) =>
    cell.metrics.flatMap((summary) => {
      const other = baseline.metrics.find(({ metric }) => metric === summary.metric);
      const [a, b] = [sideOf(cell, summary), other === undefined ? null : sideOf(baseline, other)];
      if (a === null || b === null) return [];
      const { metric, unit } = summary;
      const ratio = b.median === 0 ? null : a.median / b.median;
      const n = Math.min(a.values.length, b.values.length);
      return [{ metric, unit, cell: cell.cell, baseline: baseline.cell, difference: a.median - b.median, ci95: interval(a, b), ratio, n }];
    }),
  );
}

/** [cell, baseline]; cells in their order, `none` before the other baselines. */
function pairs(cells: readonly CellSummary[]): [CellSummary, CellSummary][] {
  return groupsOf(cells).flatMap(({ cells: group }) =>
    group.flatMap((cell) =>
      baselinesOf(securityOf(cell)).flatMap((security) =>
        group.filter((other) => securityOf(other) === security).map((other): [CellSummary, CellSummary] => [cell, other]),
      ),
    ),
  );
}

function baselinesOf(security: string | null): string[] {
  if (security === null || security === 'none') return [];
  const tunnel = security.replace(/-transport$/, '-tunnel');
  const unencrypted = security.replace(/^esp-/, 'null-');
  return ['none', ...[tunnel, unencrypted].filter((other) => other !== security)];
}

function side({ values, quartiles }: MetricSummary, seed: number): Side | null {
  if (quartiles === null) return null;
  const ascending = sorted(values.filter((value) => value !== null));
  let medians: Float64Array | null = null;
  return {
    values: ascending,
    median: quartiles.median,
    medians: () => {
      medians ??= resampledMedians(ascending, seed);
      return medians;
    },
  };
}

function interval(a: Side, b: Side): [number, number] | null {
  const n = Math.min(a.values.length, b.values.length);
  if (n === 1) return null;
  if (n < SMALLEST_N_FOR_INTERVAL) {
    return [a.values[0]! - b.values.at(-1)!, a.values.at(-1)! - b.values[0]!];
  }
  const of = b.medians();
  return percentileInterval(a.medians().map((median, i) => median - of[i]!));
}
