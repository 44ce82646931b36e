/** A terminal to write to and to look at: an emulator that interprets every escape sequence. */
import { Writable } from 'node:stream';
import headless from '@xterm/headless';

export interface FakeTerminal {
  stream: NodeJS.WriteStream;
  /** everything a user sees, scrolled out lines included; trailing blank lines are left out */
  seen: () => Promise<string[]>;
  /** every octet written so far */
  raw: () => string;
  resize: (columns: number, rows: number) => void;
}

export function fakeTerminal(columns: number, rows: number): FakeTerminal {
  // a tty adds the carriage return
  const terminal = new headless.Terminal({ cols: columns, rows, scrollback: 1000, convertEol: true, allowProposedApi: true });
  let raw = '';
  const sink = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, callback) {
      raw += chunk.toString();
      terminal.write(chunk, callback);
    },
  });
  const stream = Object.assign(sink, { isTTY: true, columns, rows }) as unknown as NodeJS.WriteStream;
  const flushed = () => new Promise<void>((resolve) => Writable.prototype.write.call(sink, '', 'utf8', () => resolve()));
  return {
    stream,
    raw: () => raw,
    async seen() {
      await flushed();
      const buffer = terminal.buffer.active;
      const lines = Array.from({ length: buffer.length }, (_, y) => buffer.getLine(y)!.translateToString(true));
      return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
    },
    resize(newColumns, newRows) {
      terminal.resize(newColumns, newRows);
      Object.assign(stream, { columns: newColumns, rows: newRows });
      stream.emit('resize');
    },
  };
}
