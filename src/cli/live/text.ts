/** Text in columns of a terminal: not every character of a name is one column wide. */
import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';

/** At most `width` columns; what is cut off leaves `…`. Colours are kept. */
export function clip(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  // a cut through a character of two columns leaves it whole
  for (let end = width - 1; end > 0; end--) {
    const part = sliceAnsi(text, 0, end);
    if (stringWidth(part) < width) return `${part}…`;
  }
  return '…';
}

export function left(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

export function right(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - stringWidth(text))) + text;
}

/** The widest of some texts. */
export function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => stringWidth(text)));
}
