/** A foreign capture's tables for a terminal. */
import type { ForeignCapture, ForeignReport } from '../foreign/index.ts';
import { milliseconds, plain } from '../format.ts';
import { ikeContents, ikeWords } from './foreign-ike.ts';
import type { TerminalOptions } from './index.ts';
import { table } from './table.ts';

/** conversations and SCTP associations beyond this are only counted: a capture of a busy host has thousands */
const MOST = 20;

/** All captures as text, ending in a newline. */
export function renderForeign(report: ForeignReport, options: TerminalOptions): string {
  return `${report.captures.flatMap((capture) => [...render(capture, options.columns), '']).join('\n')}\n`;
}

function render(capture: ForeignCapture, width: number): string[] {
  const head = `${plain(capture.file)}  ${capture.packets} packets in ${capture.duration.toFixed(3)} s from ${capture.start ?? 'never'}`;
  const lines = [head, ...capture.warnings.map((warning) => `  warning: ${plain(warning)}`)];
  if (capture.truncated) lines.push('  the file is cut short');
  const shown = capture.conversations.slice(0, MOST);
  lines.push(
    ...block(
      width,
      ['conversation', 'protocol', 'there', 'back', 'first s', 'last s'],
      shown.map((c) => [
        `${c.a} – ${c.b}`,
        String(c.protocol),
        String(c.packets[0]),
        String(c.packets[1]),
        c.first.toFixed(3),
        c.last.toFixed(3),
      ]),
    ),
  );
  if (capture.conversations.length > MOST) lines.push(`  and ${capture.conversations.length - MOST} more`);
  lines.push(
    ...block(
      width,
      ['IKE exchange', 'id', 'start s', 'ms', 'seen'],
      capture.ike.flatMap((x) => [
        [
          [`${x.exchange} ${x.from} > ${x.to}`, ...ikeWords(x)].join(' '),
          String(x.messageId),
          x.start.toFixed(3),
          milliseconds(x.duration),
          String(x.requests),
        ],
        ...ikeContents(x).map((line) => [`  ${line}`]),
      ]),
    ),
  );
  lines.push(
    ...block(
      width,
      ['ESP', 'packets', 'lost', 'dup', 'reord', 'gap ms', 'at s'],
      capture.esp.map((e) => [
        `${e.spi} ${e.paths.join(', ')}`,
        String(e.packets),
        String(e.lost),
        String(e.duplicated),
        String(e.reordered),
        milliseconds(e.longestGap?.seconds ?? null),
        e.longestGap?.start.toFixed(3) ?? '–',
      ]),
    ),
  );
  lines.push(
    ...block(
      width,
      ['SCTP association', 'packets', 'DATA', 'repeated', 'first s', 'last s'],
      capture.sctp
        .slice(0, MOST)
        .map(({ a, b, addresses: [there, back], packets, data, repeated, first, last }) => [
          `${there.join(', ')} port ${a} – ${back.join(', ')} port ${b}`,
          ...[packets, data, repeated].map((counts) => counts.join('/')),
          first.toFixed(3),
          last.toFixed(3),
        ]),
    ),
  );
  if (capture.sctp.length > MOST) lines.push(`  and ${capture.sctp.length - MOST} more`);
  return lines;
}

/** Nothing for no rows. Wide first cells are cut so that the numbers stay on the line; a row of one cell is a line below the row before. */
function block(width: number, titles: string[], rows: string[][]): string[] {
  if (rows.length === 0) return [];
  const full = rows.filter((row) => row.length > 1);
  const most =
    width - 2 - titles.slice(1).reduce((sum, title, i) => sum + 2 + Math.max(title.length, ...full.map((row) => row[i + 1]!.length)), 0);
  const cut = (text: string, to: number): string => (text.length <= to ? text : `${text.slice(0, Math.max(1, to - 1))}…`);
  const cells = full.map(([first, ...rest]) => [cut(plain(first!), most), ...rest.map(plain)]);
  const [head, ...lines] = table(
    titles.map((title) => ({ title })),
    cells,
    width - 2,
  );
  const all = [head!, ...rows.map((row) => (row.length > 1 ? lines.shift()! : cut(plain(row[0]!), width - 2)))];
  return ['', ...all.map((line) => `  ${line}`)];
}
