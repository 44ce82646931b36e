/** Seconds of a packet in the stages of the ESP helpers: a row per node and stage, a column per cell. */
import type { MetricSummary, Summary } from '../../types/run.ts';

export interface StageTable {
  cells: string[];
  /** null: the cell has no such stage */
  rows: { node: string; stage: string; entries: (MetricSummary | null)[] }[];
}

export const isStage = ({ base }: { base: string }): boolean => base === 'stages';

/** Null when no cell timed them. */
export function stageTable({ cells }: Pick<Summary, 'cells'>): StageTable | null {
  const timed = cells.filter(({ metrics }) => metrics.some(isStage));
  const names = new Set(timed.flatMap(({ metrics }) => metrics.filter(isStage).map(({ metric }) => metric)));
  if (names.size === 0) return null;
  const rows = [...names].map((metric) => {
    const [, node = '', ...stage] = metric.split('.');
    const entries = timed.map((cell) => cell.metrics.find((entry) => entry.metric === metric) ?? null);
    return { node, stage: stage.join('.'), entries };
  });
  return { cells: timed.map(({ cell }) => cell), rows };
}
