/** Which run of a cell is drawn: the valid event run nearest to the cell's median, so the picture shows the usual case. */
import type { CellSummary } from '../../types/run.ts';
import type { ReportRun } from './types.ts';

/** By the first of stall, T_SYS, T_IKE and goodput that has a median; the earlier run of two equally near. Null when none is valid. */
export function medianRun(cell: CellSummary, runs: ReportRun[]): ReportRun | null {
  const candidates = runs.filter(({ facts }) => facts.cell === cell.cell && facts.valid && !facts.nullEvent);
  for (const base of ['T_STALLED', 'T_SWITCH', 'T_SYS', 'T_IKE', 'goodput']) {
    const summary = cell.metrics.find((entry) => entry.base === base && entry.quartiles !== null);
    if (summary === undefined) continue;
    const { median } = summary.quartiles!;
    const distance = ({ facts }: ReportRun): number => Math.abs((facts.metrics[summary.metric] ?? Number.POSITIVE_INFINITY) - median);
    return candidates.reduce<ReportRun | null>((best, run) => (best === null || distance(run) < distance(best) ? run : best), null);
  }
  return candidates[0] ?? null;
}
