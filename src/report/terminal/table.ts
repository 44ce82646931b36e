/** Text tables: first column left, the rest right aligned; too wide a table loses the columns marked as spare, rightmost first. */
export interface Column {
  title: string;
  /** may be left out when the terminal is narrow */
  spare?: boolean;
}

/** Lines without a trailing newline, none wider than `width` unless the columns that must stay are. */
export function table(columns: Column[], rows: string[][], width: number): string[] {
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const shown = columns.map((_, i) => i);
  const total = (): number => shown.reduce((sum, i) => sum + widths[i]! + 2, -2);
  while (total() > width) {
    const drop = shown.findLast((i) => columns[i]!.spare);
    if (drop === undefined) break;
    shown.splice(shown.indexOf(drop), 1);
  }
  const line = (cells: string[]): string =>
    shown
      .map((i) => (i === 0 ? cells[i]!.padEnd(widths[i]!) : cells[i]!.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)];
}

/** Breaks text at spaces so that no line is wider than `width`; following lines are indented by `indent`. */
export function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
