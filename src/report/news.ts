/** What need not be said of a cell: rows that cannot hold anything, or that hold what another row has said. */
import { securityOf } from '../stats/index.ts';
import type { CellSummary, MetricSummary, Summary } from '../types/run.ts';
import { isCpu } from './protection/cpu.ts';

/** Of T_SYS. */
export const PARTS: readonly string[] = ['T_SYS.timer', 'T_SYS.rest'];

/** `loss`: what stands instead of rows of loss. */
export interface News {
  rows: readonly MetricSummary[];
  loss: string | null;
}

/**
 * Rows worth a terminal's lines. Not those of a whole and its one part (`idlePart`), not T_IKE where the cell has no IKE; a metric that was
 * looked for and not seen stays.
 */
export function newsOf(cell: CellSummary, summary: Summary): News {
  const security = securityOf(cell);
  const withoutIke = security === 'none' || security === 'wireguard';
  const hidden = idlePart(summary) === null ? [] : PARTS;
  const rows = cell.metrics.filter(
    ({ metric, quartiles, floor }) =>
      !hidden.includes(metric) && !(metric === 'T_IKE' && withoutIke && quartiles === null && floor === null),
  );
  return lossAside(rows);
}

/** Loss of what measures nothing but CPU is one line when there is none. */
export function lossAside(rows: readonly MetricSummary[]): News {
  const loss = rows.filter(({ base }) => base === 'loss');
  const silent = loss.length > 0 && loss.every(isZero) && rows.every((row) => isCpu(row) || row.base === 'loss');
  if (!silent) return { rows, loss: null };
  const flows = loss.length === 1 ? 'in the flow' : `in all ${loss.length} flows`;
  return { rows: rows.filter(({ base }) => base !== 'loss'), loss: `loss: 0 packets ${flows}` };
}

/** The part of T_SYS that is 0 in all runs of all cells, so that the other one is T_SYS; null when both say something, or were not seen. */
export function idlePart({ cells }: Pick<Summary, 'cells'>): 'timer' | 'rest' | null {
  const none = (name: string): boolean => {
    const found = cells.flatMap(({ metrics }) => metrics.filter(({ metric }) => metric === name));
    return found.length > 0 && found.every(isZero);
  };
  return none('T_SYS.timer') ? 'timer' : none('T_SYS.rest') ? 'rest' : null;
}

/** What the parts would have said. */
export const PART_NOTES = {
  timer: 'T_SYS: no part of it was spent waiting for a timer of SCTP',
  rest: 'T_SYS: all of it was spent waiting for a timer of SCTP',
};

/** In every run and every null run that saw it. */
export function isZero({ quartiles, floor }: MetricSummary): boolean {
  return quartiles !== null && quartiles.min === 0 && quartiles.max === 0 && (floor ?? 0) === 0;
}
