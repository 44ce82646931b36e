/** Short ways to write expressions over medians. */
import type { CellValues, Expression, Term } from './claim.ts';

/** Of the one bulk flow. */
export const goodput = (cell: CellValues, experiment?: string): Term => ({
  metric: 'goodput.bulk',
  cell,
  ...(experiment === undefined ? {} : { experiment }),
});

export const value = (of: Term): Expression => ({ op: 'value', of });
export const ratio = (of: Term, to: Term): Expression => ({ op: 'ratio', of, to });
export const change = (of: Term, to: Term): Expression => ({ op: 'change', of, to });
