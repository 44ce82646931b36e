/**
 * The summary for a terminal, 80 columns and up. Colour only marks what the words already say, and only when the
 * caller's stream wants it (`styleFor`); names and reasons come from files and are stripped of control characters.
 */
import { styleText } from 'node:util';
import { hasFloor, SMALLEST_N_FOR_INTERVAL } from '../../stats/index.ts';
import type { CellSummary, MetricSummary, Summary } from '../../types/run.ts';
import { named, plain, printed, shortened } from '../format.ts';
import { idlePart, newsOf, PART_NOTES } from '../news.ts';
import { ARP_NOTE, CLOCK_NOTE, DISTURBED_NOTE, isVirtual, NOISE_HINT } from '../notes.ts';
import { cpuTables, isCpu } from '../protection/cpu.ts';
import { protection, protectionNotes } from './protection.ts';
import { sweeps } from './sweep.ts';
import { type Column, table, wrap } from './table.ts';

const FLOOR =
  'floor: what the same analysis reports when nothing happens (median of the null runs); for a stall that is one packet interval';

/** invalid runs of a cell beyond this are only counted; summary.json has all */
const MOST = 20;

export interface TerminalOptions {
  columns: number;
  color: boolean;
}

/** Width and colour of a stream: NO_COLOR (no-color.org) and pipes switch colour off; 80 to 200 columns. */
export function styleFor(stream: { isTTY?: boolean; columns?: number }, env: Record<string, string | undefined>): TerminalOptions {
  const color = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return { columns: Math.min(200, Math.max(80, stream.columns ?? 80)), color };
}

/** The whole summary as text, ending in a newline. */
export function renderTerminal(summary: Summary, options: TerminalOptions): string {
  const { provenance } = summary;
  const patched = provenance.patched === undefined ? '' : `, patched ${provenance.patched}`;
  const head = `${summary.experiment} ${summary.id}  ${provenance.backend}/${provenance.accelerator}  Linux ${provenance.kernel}  strongSwan ${provenance.strongswan}${patched}`;
  const lines = [...wrap(plain(head), options.columns, '  '), ''];
  const elsewhere = cpuTables(summary).length > 0;
  const cells = summary.cells.map((cell) => {
    const { rows, loss } = newsOf(cell, summary);
    return { cell: { ...cell, metrics: rows.filter((metric) => !(elsewhere && isCpu(metric))) }, loss };
  });
  for (const { cell, loss } of cells) lines.push(...renderCell(cell, loss, options), '');
  lines.push(...sweeps(summary, options.columns, (text) => painted('bold', text, options)));
  lines.push(...protection(summary, options.columns, (text) => painted('bold', text, options)));
  const shown = cells.flatMap(({ cell }) => cell.metrics);
  return `${lines.join('\n')}${foot(summary, shown, options)}`;
}

const COLUMNS: Column[] = [
  { title: 'ms' },
  { title: 'n' },
  { title: 'median' },
  { title: 'q1', spare: true },
  { title: 'q3', spare: true },
  { title: 'min', spare: true },
  { title: 'max', spare: true },
  { title: '95 % of median' },
  { title: 'floor' },
];

function painted(style: 'bold' | 'red', text: string, { color }: TerminalOptions): string {
  return color ? styleText(style, text, { validateStream: false }) : text;
}

function renderCell(cell: CellSummary, loss: string | null, options: TerminalOptions): string[] {
  const { columns } = options;
  const paint = (style: 'bold' | 'red', text: string): string => painted(style, text, options);
  const nulls =
    cell.nullRuns === 0
      ? 'no null run'
      : `${cell.nullRuns} null ${cell.nullRuns === 1 ? 'run' : 'runs'}, ${cell.nullQuiet ? 'quiet' : 'not quiet'}`;
  const heading = wrap(`${plain(cell.cell)}: ${cell.valid} of ${cell.runs} runs valid, ${nulls}`, columns, '  ');
  const lines = heading.map((line) => paint('bold', line));
  if (cell.metrics.length > 0) lines.push(...table(COLUMNS, cell.metrics.map(row), columns - 2).map((line) => `  ${line}`));
  if (loss !== null) lines.push(`  ${loss}`);
  const { shown, more } = shortened(cell.invalid, MOST);
  const invalid = shown.map(({ run, reasons }) => plain(`invalid run ${run}: ${reasons.join('; ')}`));
  if (more > 0) invalid.push(`and ${more} more invalid runs, all in summary.json`);
  const noisy = cell.noise?.verdict === 'too noisy' ? [plain(`too noisy: ${cell.noise.why}`)] : [];
  for (const text of [...noisy, ...invalid]) lines.push(...wrap(text, columns - 2, '  ').map((line) => paint('red', `  ${line}`)));
  if (cell.disturbed.length > 0) lines.push(...wrap(disturbedRuns(cell), columns - 2, '  ').map((line) => `  ${line}`));
  return lines;
}

function disturbedRuns({ disturbed }: CellSummary): string {
  const { shown, more } = shortened(disturbed, MOST);
  return `disturbed ${disturbed.length === 1 ? 'run' : 'runs'} ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function row({ metric, unit, quartiles, floor, values }: MetricSummary): string[] {
  const name = named(plain(metric), unit);
  if (quartiles === null) return [name, `0/${values.length}`, '–', '–', '–', '–', '–', '–', printed(floor, unit)];
  const { n, min, q1, median, q3, max, ci95 } = quartiles;
  const show = (value: number): string => printed(value, unit);
  const flag = n < SMALLEST_N_FOR_INTERVAL ? '*' : '';
  return [
    name,
    String(n),
    show(median),
    show(q1),
    show(q3),
    show(min),
    show(max),
    `${show(ci95[0])}..${show(ci95[1])}${flag}`,
    printed(floor, unit),
  ];
}

/** `shown`: rows of all cells. */
function foot(summary: Summary, shown: MetricSummary[], { columns }: TerminalOptions): string {
  const has = (test: (row: MetricSummary) => boolean): boolean => shown.some(test);
  const notes: string[] = [];
  if (has(({ metric }) => hasFloor(metric))) notes.push(FLOOR);
  if (has(({ quartiles }) => quartiles !== null && quartiles.n < SMALLEST_N_FOR_INTERVAL))
    notes.push(`* fewer than ${SMALLEST_N_FOR_INTERVAL} values: the interval is the whole range`);
  if (has(({ base }) => base === 'T_IKE') && isVirtual(summary.provenance)) notes.push(`T_IKE: ${CLOCK_NOTE}`);
  const idle = idlePart(summary);
  if (idle !== null) notes.push(PART_NOTES[idle]);
  notes.push(...protectionNotes(summary, columns));
  if (has(({ base }) => base === 'T_RC')) notes.push(`T_RC: ${ARP_NOTE}`);
  if (summary.cells.some(({ disturbed }) => disturbed.length > 0)) notes.push(DISTURBED_NOTE);
  if (summary.cells.some(({ noise }) => noise?.verdict === 'too noisy')) notes.push(NOISE_HINT);
  return notes
    .flatMap((note) => wrap(note, columns, '  '))
    .map((line) => `${line}\n`)
    .join('');
}
