/** Cells that differ only in what protects them: the value of the matrix variable `security`. */
import type { CellSummary } from '../types/run.ts';

export interface CellGroup {
  /** the values they share, as in the cells' names; empty when there are none */
  title: string;
  /** in the order of the experiment */
  cells: CellSummary[];
}

/** `esp-transport`; null when the matrix does not vary it. */
export function securityOf({ values }: Pick<CellSummary, 'values'>): string | null {
  return values.security === undefined ? null : String(values.security);
}

/** Cells grouped by all their values but `security`. A cell without it is in the group of its other values. */
export function groupsOf(cells: readonly CellSummary[]): CellGroup[] {
  return [...Map.groupBy(cells, sharedValues)].map(([title, members]) => ({ title, cells: members }));
}

function sharedValues({ values }: CellSummary): string {
  const others = Object.entries(values).filter(([name]) => name !== 'security');
  return others.map(([name, value]) => `${name}=${value}`).join(', ');
}
