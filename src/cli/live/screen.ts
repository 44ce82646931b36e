/**
 * The block at the bottom of a terminal that is redrawn in place. Whatever anybody else writes to the stream meanwhile (a note, a warning
 * of Node's, the answer to Ctrl-C) appears above it. The cursor stays visible and the terminal in its mode, so that even a kill -9 leaves
 * a usable shell.
 */
import { createLogUpdate } from 'log-update';

/** Often enough for a clock in seconds; what happens in between waits for the next time. */
const REDRAW = 250;

export class Screen {
  readonly #stream: NodeJS.WriteStream;
  readonly #draw: () => string[];
  readonly #write: NodeJS.WriteStream['write'];
  readonly #update: ReturnType<typeof createLogUpdate>;
  readonly #timer: NodeJS.Timeout;
  readonly #redraw = () => this.redraw();
  #over = false;

  /** Takes the stream's `write` until `end`. */
  constructor(stream: NodeJS.WriteStream, draw: () => string[]) {
    this.#stream = stream;
    this.#draw = draw;
    this.#write = stream.write;
    const own = Object.create(stream, { write: { value: this.#write.bind(stream) } }) as NodeJS.WriteStream;
    this.#update = createLogUpdate(own, { showCursor: true });
    stream.write = ((text: string | Uint8Array, ...more: []) => this.#above(text, more)) as typeof stream.write;
    stream.on('resize', this.#redraw);
    this.#timer = setInterval(this.#redraw, REDRAW).unref();
    this.redraw();
  }

  redraw(): void {
    if (!this.#over) this.#update(this.#draw().join('\n'));
  }

  /** Gives the stream back. `keep`: the block stays as it is now; else it goes. */
  end(keep: boolean): void {
    if (this.#over) return;
    if (keep) {
      this.redraw();
      this.#update.done();
    } else this.#update.clear();
    this.#over = true;
    clearInterval(this.#timer);
    this.#stream.off('resize', this.#redraw);
    this.#stream.write = this.#write;
  }

  #above(text: string | Uint8Array, more: []): boolean {
    if (text.length === 0) return this.#write.call(this.#stream, text, ...more);
    this.#update.clear();
    const result = this.#write.call(this.#stream, text, ...more);
    // an unfinished line would become part of the block, and go with it
    if (!/\n$/.test(Buffer.from(text).toString())) this.#write.call(this.#stream, '\n');
    this.redraw();
    return result;
  }
}
