/**
 * A comparison for a terminal, 80 columns and up: what was compared and how, then A and B side by side. Names and text come
 * from files and are stripped of control characters.
 */
import { styleText } from 'node:util';
import type { TerminalOptions } from '../../report/index.ts';
import type { BytesDifference, Comparison, EventAlignment, FileComparison, FileState, RunSide } from '../types.ts';
import { cut, fold, printable } from './columns.ts';
import { eventLines, eventTitle } from './event.ts';
import { fileLines, fileTitle } from './line.ts';
import { otherCaptures, packetLines, packetTitle } from './packet.ts';
import { countTable, ladderTable, metricTable } from './tables.ts';

/** files beyond this are only counted; --json has all */
const MOST_FILES = 40;

/** The whole comparison as text, ending in a newline. */
export function renderComparison(comparison: Comparison, { columns, color }: TerminalOptions): string {
  const bold = (text: string): string => (color ? styleText('bold', text, { validateStream: false }) : text);
  const folded = (text: string): string[] => fold(printable(text), columns - 2).map((line, i) => (i === 0 ? line : `  ${line}`));
  const section = (title: string, lines: string[]): string[] => (lines.length === 0 ? [] : ['', ...folded(title).map(bold), ...lines]);
  const { a, b, view, why, identical, files, bytes, event, metrics, circumstances, notes } = comparison;
  const lines = [
    ...folded(verdict(comparison)).map(bold),
    ...folded(identical ? '' : `view: ${view} (${why})`).filter((line) => line !== ''),
    ...[...runLines('A', a), ...runLines('B', b)].flatMap(folded),
    ...circumstances.flatMap((one) => folded(`made with another ${one.what}: ${one.a ?? 'none'} / ${one.b ?? 'none'}`)),
    ...(identical ? [] : notes).flatMap((note) => folded(`note: ${note}`)),
  ];
  if (bytes !== null) {
    lines.push(...section('files', fileList(files, columns)));
    for (const [title, body] of bytesSections(bytes, comparison, columns)) lines.push(...section(title, body));
  }
  if (event !== null) for (const [title, body] of eventSections(event, columns)) lines.push(...section(title, body));
  if (!identical && metrics !== null) lines.push(...section(`metrics (${numbersText(a, b)})`, metricTable(metrics, columns)));
  return `${lines.join('\n')}\n`;
}

function numbersText(a: RunSide, b: RunSide): string {
  const text = ({ numbers }: RunSide): string => (numbers === 'stored' ? 'facts.json' : 'analysed again');
  return text(a) === text(b) ? text(a) : `A: ${text(a)}, B: ${text(b)}`;
}

function verdict({ identical, files }: Comparison): string {
  const size = (state: FileState | null): number => state?.size ?? 0;
  if (identical) return `identical: ${files.length} files, ${files.reduce((sum, { a }) => sum + size(a), 0)} octets`;
  const count = (status: FileComparison['status']): number => files.filter((file) => file.status === status).length;
  const parts = [`${count('equal')} of ${files.length} files equal`];
  if (count('differs') > 0) parts.push(`${count('differs')} ${count('differs') === 1 ? 'differs' : 'differ'}`);
  if (count('only-a') > 0) parts.push(`${count('only-a')} only in A`);
  if (count('only-b') > 0) parts.push(`${count('only-b')} only in B`);
  return `not identical: ${parts.join(', ')}`;
}

function runLines(name: string, { folder, experiment, cell, run, nullEvent, seed, clock, zero, flowsStart }: RunSide): string[] {
  const known = [
    experiment,
    cell,
    run === null ? null : `${nullEvent ? 'null run' : 'run'} ${run}`,
    seed === null ? null : `seed ${seed}`,
    clock === null ? null : `${clock} clock`,
    zeroText(zero, flowsStart),
  ];
  return [`${name}: ${folder}`, `   ${known.filter((part) => part !== null).join(', ') || 'tells nothing of itself'}`];
}

function zeroText({ what, t }: RunSide['zero'], flowsStart: number | null): string | null {
  if (what === 'epoch' || flowsStart === null) return null;
  return what === 'start of the flows'
    ? 'times from the start of the flows'
    : `${what} ${((t - flowsStart) / 1e6).toFixed(6)} ms after the flows began`;
}

const MARKS = { equal: 'equal', differs: 'differs', 'only-a': 'only in A', 'only-b': 'only in B' };

function fileList(files: FileComparison[], columns: number): string[] {
  const shown = files.filter(({ status }) => status !== 'equal');
  const sizes = ({ a, b }: FileComparison): string => {
    const [sizeA, sizeB] = [a, b].map((state) => (state === null ? '–' : state.sha256 === null ? 'no file' : String(state.size)));
    return sizeA === sizeB ? `${sizeA} octets` : `${sizeA} / ${sizeB} octets`;
  };
  const lines = shown.slice(0, MOST_FILES).map((file) => `  ${MARKS[file.status].padEnd(9)}  ${printable(file.path)}  ${sizes(file)}`);
  if (shown.length > MOST_FILES) lines.push(`  and ${shown.length - MOST_FILES} more, all with --json`);
  return lines.map((line) => cut(line, columns));
}

function bytesSections({ packets, event, files }: BytesDifference, { a, b }: Comparison, columns: number): [string, string[]][] {
  const [first, ...others] = packets;
  const sections: [string, string[]][] = [];
  if (first !== undefined) {
    sections.push([`first differing packet: ${packetTitle(first)}`, packetLines(first, columns)]);
    sections.push(['the other captures part at', otherCaptures(others, columns)]);
  }
  if (event !== null) sections.push([`first differing event: ${eventTitle(event)}`, eventLines(event, a.zero.t, b.zero.t, columns)]);
  for (const file of files.slice(0, MOST_FILES)) sections.push([`first difference of ${fileTitle(file)}`, fileLines(file, columns)]);
  return sections;
}

function eventSections({ ladder, packets }: EventAlignment, columns: number): [string, string[]][] {
  return [
    ['what happened', ladderTable(ladder, columns)],
    ['captures', packets === null ? [] : countTable(packets, columns)],
  ];
}
