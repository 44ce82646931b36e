/**
 * The live view as lines of text: a row per cell, what each guest is doing, and the time. Colour only marks what the words already say.
 * Where cells outnumber the terminal's rows, those in which something happened last are shown, in the order of the experiment: runs
 * go through the cells in turn, and a row that stays where it was can be read.
 */
import { styleText } from 'node:util';
import { plain } from '../../report/format.ts';
import { GAP, type Layout, layout, quartilesOf, runsOf } from './columns.ts';
import { clock, pace, timeLeft } from './pace.ts';
import { invalidIn, isComplete, type LiveCell, type LiveState, runsToGo } from './state.ts';
import { clip, left, right } from './text.ts';

export interface LiveOptions {
  columns: number;
  rows: number;
  color: boolean;
}

type Paint = (style: 'bold' | 'red' | 'dim', text: string) => string;
const SPACE = ' '.repeat(GAP);

/** No line is wider than `columns`, and with the cursor's own line below them they fit `rows`. */
export function renderLive(state: LiveState, { columns, rows, color }: LiveOptions): string[] {
  const paint: Paint = (style, text) => (color ? styleText(style, text, { validateStream: false }) : text);
  const room = Math.max(1, rows - 1);
  const doing = activity(state, Math.max(1, Math.floor((room - 1) / 3)));
  const below = [...doing, footer(state, columns)].slice(-room);
  return [...table(state, columns, room - below.length, paint), ...below].map((line) => clip(line, columns));
}

function table(state: LiveState, columns: number, room: number, paint: Paint): string[] {
  const { cells, untilCi } = state;
  const shown = foremost(cells, room - 1);
  if (shown.length === 0) return [];
  const plan = layout(shown, cells, untilCi, columns);
  const lines = [paint('bold', heading(plan)), ...shown.map((cell) => row(cell, plan, untilCi, paint))];
  const hidden = cells.filter((cell) => !shown.includes(cell));
  const complete = hidden.filter(isComplete).length;
  if (hidden.length > 0) lines.push(`... and ${many(hidden.length, 'more cell')}${complete > 0 ? `, ${complete} complete` : ''}`);
  return lines;
}

/** As many cells as fit `room` lines, with one kept for the number of the others. */
function foremost(cells: readonly LiveCell[], room: number): readonly LiveCell[] {
  if (cells.length <= room) return cells;
  const chosen = new Set(cells.toSorted((a, b) => b.touched - a.touched).slice(0, Math.max(0, room - 1)));
  return cells.filter((cell) => chosen.has(cell));
}

function heading(plan: Layout): string {
  const cells = [
    left('cell', plan.name),
    ...(plan.bar === 0 ? [] : [' '.repeat(plan.bar)]),
    right('runs', plan.runs),
    right('invalid', plan.invalid),
    ...plan.metrics.map(({ title, width }) => right(title, width)),
  ];
  return cells.join(SPACE);
}

function row(cell: LiveCell, plan: Layout, untilCi: boolean, paint: Paint): string {
  const name = left(clip(plain(cell.name), plan.name), plan.name);
  const share = isComplete(cell) ? 1 : cell.ended.length / cell.runs;
  const filled = Math.floor(share * plan.bar);
  const invalid = right(String(invalidIn(cell)), plan.invalid);
  const fields = [
    name,
    ...(plan.bar === 0 ? [] : [`${'█'.repeat(filled)}${paint('dim', '░'.repeat(plan.bar - filled))}`]),
    right(runsOf(cell, untilCi), plan.runs),
    invalidIn(cell) > 0 ? paint('red', invalid) : invalid,
    ...plan.metrics.map(({ metric, width }) => right(quartilesOf(cell, metric), width)),
  ];
  return fields.join(SPACE).trimEnd();
}

/** One line per run under way or snapshot being made, at most `room`. */
function activity({ active, cells }: LiveState, room: number): string[] {
  const lines = [
    ...cells.filter((cell) => cell.snapshot === 'making').map((cell) => `> ${cell.name}: getting the snapshot its runs start from`),
    ...active.map(({ run, phase, title }) => {
      const name = `${run.cell.cell} ${run.nullEvent ? 'null run' : 'run'} ${run.run}`;
      return `> ${name}: ${phase === '' ? 'starting' : title === '' ? phase : `${phase}, ${title}`}`;
    }),
  ];
  if (lines.length <= room) return lines.map(plain);
  return [...lines.slice(0, room - 1).map(plain), `> ${lines.length - room + 1} more at work`];
}

/** The longest of several wordings that fits. */
function footer(state: LiveState, columns: number): string {
  const elapsed = clock(state.now - state.started);
  const each = pace(state);
  const speed = each === null || each === 0 ? null : (60_000 / each).toFixed(1);
  const remaining = timeLeft(state);
  const about = state.untilCi ? 'at most' : 'about';
  const last = runsToGo(state) === 0 ? 'writing the report' : remaining === null ? null : `${about} ${clock(remaining)} left`;
  const wordings = [
    [`${elapsed} elapsed`, speed === null ? null : `${speed} runs per minute`, last ?? 'time left: not known yet'],
    [elapsed, speed === null ? null : `${speed} runs/min`, last],
  ].map((parts) => parts.filter((part) => part !== null).join(', '));
  return wordings.find((wording) => wording.length <= columns) ?? wordings.at(-1)!;
}

function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
