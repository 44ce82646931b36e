/** What is held against the cell without protection: or with another. */
import { baseOf, groupsOf, SMALLEST_N_FOR_INTERVAL, securityOf } from '../../stats/index.ts';
import type { MetricName } from '../../types/experiment.ts';
import type { Comparison, Summary } from '../../types/run.ts';
import { isCpu } from './cpu.ts';

/** What a terminal has room for. */
const SHORT: readonly MetricName[] = ['T_SCTP', 'T_SYS', 'T_STALLED', 'T_RECOVER', 'throughput'];

export interface Cost extends Comparison {
  /** of the cell and of its baseline */
  security: string;
  against: string;
  /** median of the baseline */
  baselineMedian: number | null;
}

export interface CostTable {
  /** what its cells share beside `security`; may be empty */
  title: string;
  /** by metric, then by cell */
  rows: Cost[];
}

/** Comparisons per group of cells, without CPU, which has tables of its own; short: times and throughput against `none`. Groups without any are left out. */
export function costTables(summary: Summary, which: 'short' | 'all'): CostTable[] {
  return groupsOf(summary.cells).flatMap(({ title, cells }) => {
    const byName = new Map(cells.map((cell) => [cell.cell, cell]));
    const rows = (summary.comparisons ?? []).flatMap((entry): Cost[] => {
      const [cell, baseline] = [byName.get(entry.cell), byName.get(entry.baseline)];
      if (cell === undefined || baseline === undefined || isCpu({ base: baseOf(entry.metric) })) return [];
      const [security, against] = [securityOf(cell)!, securityOf(baseline)!];
      if (which === 'short' && (against !== 'none' || !SHORT.includes(baseOf(entry.metric)))) return [];
      const baselineMedian = baseline.metrics.find(({ metric }) => metric === entry.metric)?.quartiles?.median ?? null;
      return [{ ...entry, security, against, baselineMedian }];
    });
    const metrics = [...new Set(cells.flatMap((cell) => cell.metrics.map(({ metric }) => metric)))];
    const ordered = metrics.flatMap((metric) => rows.filter((row) => row.metric === metric));
    return ordered.length === 0 ? [] : [{ title, rows: ordered }];
  });
}

/** Metrics with their rows; apart from them those in which nothing differs, exactly. */
export function splitCosts(rows: readonly Cost[]): { changed: [metric: string, rows: Cost[]][]; equal: string[] } {
  const groups = [...Map.groupBy(rows, ({ metric }) => metric)];
  const isEqual = (mine: Cost[]): boolean =>
    mine.every(({ difference, ci95 }) => difference === 0 && (ci95 ?? []).every((end) => end === 0));
  return {
    changed: groups.filter(([, mine]) => !isEqual(mine)),
    equal: groups.filter(([, mine]) => isEqual(mine)).map(([metric]) => metric),
  };
}

/** Too few values on either side for an interval? Older summaries do not say. */
export function isFew(n: number | undefined): boolean {
  return n !== undefined && n < SMALLEST_N_FOR_INTERVAL;
}

/** `×1.25`; a baseline of 0 has no ratio. */
export function ratioOf(ratio: number | null): string {
  return ratio === null ? '–' : `×${ratio < 10 ? ratio.toFixed(3) : ratio < 100 ? ratio.toFixed(1) : ratio.toFixed(0)}`;
}
