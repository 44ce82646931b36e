/** What is beside each other in rows: the steps of the handover, packets counted, metrics. */
import { named, printed } from '../../report/format.ts';
import { table } from '../../report/terminal/table.ts';
import type { CountRow, LadderRow, MetricRow } from '../types.ts';
import { cut, printable } from './columns.ts';

/** rows beyond this are only counted; --json has all */
const MOST = 200;

const ms = (seconds: number): string => (seconds * 1e3).toFixed(3);
const signed = (text: string): string => (/^-?[0.]+$/.test(text) ? text.replace('-', '') : text.startsWith('-') ? text : `+${text}`);

export function ladderTable(rows: LadderRow[], columns: number): string[] {
  return rowsOf(['ms from the event', 'A', 'B', 'B − A'], rows, columns, ({ from, to, step, a, b, difference }) => [
    `${from === to ? from : `${from} > ${to}`}  ${step}`,
    a === null ? '–' : signed(ms(a.dt)),
    b === null ? '–' : signed(ms(b.dt)),
    difference === null ? `only ${a === null ? 'B' : 'A'}` : signed(ms(difference)),
  ]);
}

export function countTable(rows: CountRow[], columns: number): string[] {
  return rowsOf(['packets', 'A', 'B', 'B − A'], rows, columns, ({ capture, kind, a, b }) => [
    `${capture}  ${kind}`,
    String(a ?? '–'),
    String(b ?? '–'),
    a === null || b === null ? `only ${a === null ? 'B' : 'A'}` : signed(String(b - a)),
  ]);
}

export function metricTable(rows: MetricRow[], columns: number): string[] {
  return rowsOf(['ms', 'A', 'B', 'B − A'], rows, columns, ({ metric, unit, a, b, difference }) => [
    named(metric, unit),
    printed(a, unit),
    printed(b, unit),
    difference === null ? '–' : signed(printed(difference, unit)),
  ]);
}

/** The first column is cut so that the numbers stay on the line. */
function rowsOf<T>(titles: string[], rows: T[], columns: number, show: (row: T) => string[]): string[] {
  const cells = rows.slice(0, MOST).map(show);
  const numbers = titles.slice(1).reduce((sum, title, i) => sum + 2 + Math.max(title.length, ...cells.map((row) => row[i + 1]!.length)), 0);
  const fitted = cells.map(([first, ...rest]) => [cut(printable(first!), columns - 2 - numbers), ...rest]);
  const lines = table(
    titles.map((title) => ({ title })),
    fitted,
    columns - 2,
  ).map((line) => `  ${line}`);
  return rows.length > MOST ? [...lines, `  and ${rows.length - MOST} more, all with --json`] : lines;
}
