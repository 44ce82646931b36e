/**
 * Where things of a ladder diagram stand. Time runs downward; each entry gets a row, and the distance to the next grows with
 * the logarithm of the time between them: a handover's steps are microseconds and hundreds of milliseconds apart, and
 * to scale one end of it would be unreadable. Between rows time is interpolated.
 */
import type { LadderEntry, RunFacts } from '../../types/run.ts';

export const ROW = 30;
/** pixels added per doubling of the distance beyond 1 ms */
const PER_DOUBLING = 9;
const TOP = 64;
export const LEFT = 100;
export const COLUMN = 330;

export interface LadderLayout {
  nodes: string[];
  /** x of each node's line */
  x: (node: string) => number;
  /** y of a time in ns since epoch */
  y: (t: number) => number;
  rows: { entry: LadderEntry; y: number }[];
  height: number;
}

/** Lays out the entries of one run; nodes from left to right in the order given, then as they appear. */
export function layoutLadder({ ladder }: RunFacts, order: string[]): LadderLayout {
  const used = [...new Set(ladder.flatMap(({ from, to }) => [from, to]))];
  const nodes = [...order.filter((node) => used.includes(node)), ...used.filter((node) => !order.includes(node))];
  const rows: LadderLayout['rows'] = [];
  let y = TOP;
  for (const entry of ladder) {
    const before = rows.at(-1)?.entry;
    if (before !== undefined) y += ROW + PER_DOUBLING * Math.log2(1 + (entry.t - before.t) / 1e6);
    rows.push({ entry, y });
  }
  const knots = rows.map(({ entry, y: at }) => [entry.t, at] as const);
  return { nodes, x: (node) => LEFT + nodes.indexOf(node) * COLUMN, y: (t) => interpolate(knots, t), rows, height: y + 48 };
}

function interpolate(knots: (readonly [number, number])[], t: number): number {
  const next = knots.findIndex(([at]) => at >= t);
  if (next === 0) return knots[0]![1];
  // after the last row
  if (next === -1) return (knots.at(-1)?.[1] ?? TOP) + ROW / 2;
  const [t0, y0] = knots[next - 1]!;
  const [t1, y1] = knots[next]!;
  return y0 + ((t - t0) / (t1 - t0)) * (y1 - y0);
}
