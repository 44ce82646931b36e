/** Octets of two sides, row beside row, the first differing one marked. */
import type { Excerpt } from '../types.ts';
import { halfOf, sideBySide } from './columns.ts';

/** Lines of both columns; 16 octets per row where they fit, else 8. `offset` is marked. */
export function hexdump(a: Excerpt | null, b: Excerpt | null, offset: number, columns: number): string[] {
  const perRow = halfOf(columns) >= 6 + 16 * 3 - 1 ? 16 : 8;
  const from = Math.floor(offset / perRow) * perRow - perRow;
  const rows = [0, 1, 2, 3].map((i) => from + i * perRow).filter((at) => at >= 0);
  return rows.flatMap((at) => {
    const [left, right] = [row(a, at, perRow), row(b, at, perRow)];
    if (left === null && right === null) return [];
    const lines = sideBySide([left ?? ''], [right ?? ''], columns);
    if (offset < at || offset >= at + perRow) return lines;
    const mark = `${' '.repeat(6 + (offset - at) * 3)}^^`;
    return [...lines, ...sideBySide([left === null ? '' : mark], [right === null ? '' : mark], columns)];
  });
}

function row(excerpt: Excerpt | null, at: number, perRow: number): string | null {
  if (excerpt === null || at < excerpt.at) return null;
  const octets = excerpt.hex.slice((at - excerpt.at) * 2, (at - excerpt.at + perRow) * 2).match(/../g);
  return octets === null ? null : `${at.toString(16).padStart(4, '0')}  ${octets.join(' ')}`;
}
