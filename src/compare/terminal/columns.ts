/** Two columns of text, A left and B right, and text cut to a width. Widths are of the terminal's cells, not of characters. */
import stringWidth from 'string-width';
import { plain } from '../../report/format.ts';

const INDENT = '  ';
const RULE = ' │ ';

/** Cells of one column on a terminal of `columns`. */
export function halfOf(columns: number): number {
  return Math.floor((columns - INDENT.length - RULE.length) / 2);
}

/** Lines of both columns, each line cut to its column. */
export function sideBySide(a: readonly string[], b: readonly string[], columns: number): string[] {
  const half = halfOf(columns);
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => {
    const left = cut(a[i] ?? '', half);
    return `${INDENT}${left}${' '.repeat(half - stringWidth(left))}${RULE}${cut(b[i] ?? '', half)}`.trimEnd();
  });
}

/** At most `width` cells; what is left out at the end becomes an ellipsis. */
export function cut(text: string, width: number): string {
  return stringWidth(text) <= width ? text : `${head(text, width - 1)}…`;
}

/** Broken at spaces where there are any, else anywhere, so that no line is wider than `width`. */
export function fold(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (stringWidth(rest) > width) {
    const line = head(rest, width);
    // a break at the space behind the line counts, too
    const space = rest.startsWith(' ', line.length) ? line.length : line.lastIndexOf(' ');
    // a character wider than the line would never end
    const end = space > 0 ? space : Math.max(1, line.length);
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}

const graphemes = new Intl.Segmenter();

/** The start of `text` that fits `width` cells; no character is cut in two. */
function head(text: string, width: number): string {
  let [end, used] = [0, 0];
  for (const { segment } of graphemes.segment(text)) {
    used += stringWidth(segment);
    if (used > width) break;
    end += segment.length;
  }
  return text.slice(0, end);
}

/** Text from files as one printable line: tabs are spaces, other control characters are shown as such. */
export function printable(text: string): string {
  return plain(text.replaceAll('\t', ' '));
}
