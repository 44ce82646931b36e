/** The exit code of results: 1 when any run was invalid or a cell has none that is valid. */
import type { Summary } from '../types/run.ts';

export function verdictOf(summary: Summary): 0 | 1 {
  return summary.cells.every((cell) => cell.invalid.length === 0 && cell.valid > 0) ? 0 : 1;
}
