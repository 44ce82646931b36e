/** The first differing line of a file, side by side, cut so that the difference is in view. */
import stringWidth from 'string-width';
import type { FileDifference, LinePart } from '../types.ts';
import { fold, halfOf, printable, sideBySide } from './columns.ts';
import { hexdump } from './hexdump.ts';

export function fileTitle({ file, offset, content }: FileDifference): string {
  return `${printable(file)}, ${content.kind === 'text' ? `line ${content.line}` : `octet ${offset}`}`;
}

export function fileLines({ offset, content, note }: FileDifference, columns: number): string[] {
  const said = note === null ? [] : fold(printable(note), columns - 2).map((line) => `  ${line}`);
  if (content.kind === 'octets') return [...said, ...hexdump(content.a, content.b, offset, columns)];
  return [...said, ...sideBySide(...parts(content.a, content.b, halfOf(columns)), columns)];
}

/** Two lines a side: the part of the text that shows the difference, and the mark below it. */
function parts(a: LinePart | null, b: LinePart | null, width: number): [string[], string[]] {
  if (a === null || b === null) return [whole(a, width), whole(b, width)];
  const [textA, textB] = [printable(a.text), printable(b.text)];
  let same = 0;
  while (same < textA.length && textA[same] === textB[same]) same += 1;
  const start = Math.max(0, same - Math.floor(width / 3));
  const lead = start > 0 || a.from > 0 ? '…' : '';
  const mark = `${' '.repeat(stringWidth(lead + textA.slice(start, same)))}^`;
  return [
    [lead + textA.slice(start), mark],
    [lead + textB.slice(start), mark],
  ];
}

function whole(part: LinePart | null, width: number): string[] {
  return part === null ? ['the file has ended'] : fold(printable(part.text), width).slice(0, 4);
}
