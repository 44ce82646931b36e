/** What protecting every n-th packet costs of goodput: beside the cell that protects none. */
import type { Line, Sweep } from './axis.ts';

/** variable of the matrix */
const EVERY_NTH = 'everyNth';
/** its value for none */
const NEVER = 'never';

export interface Overhead {
  line: string;
  /** fraction of the baseline's median, by value of the axis; null: not measured */
  points: { value: string; overhead: number | null }[];
}

/** Empty where this is no sweep of it, or the cell without protection is missing or delivered nothing. */
export function overheadsOf({ axis, lines }: Sweep): Overhead[] {
  const at = axis.name === EVERY_NTH ? axis.values.indexOf(NEVER) : -1;
  return lines.flatMap((line) => {
    const base = medianAt(line, at);
    if (base === null || base === 0) return [];
    const points = axis.values.flatMap((value, i) => {
      const median = medianAt(line, i);
      return i === at ? [] : [{ value, overhead: median === null ? null : 1 - median / base }];
    });
    return [{ line: line.name, points }];
  });
}

function medianAt({ points }: Line, i: number): number | null {
  return points[i]?.quartiles?.median ?? null;
}
