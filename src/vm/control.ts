/** The control channel of a QEMU: its machine protocol (QMP), one JSON object per line. */
import type { Duplex } from 'node:stream';
import { RoamlabError } from '../types/errors.ts';

interface Answer {
  return?: unknown;
  error?: { class: string; desc: string };
  event?: string;
  id?: number;
}

export class Control {
  readonly #stream: Duplex;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly #listeners = new Map<string, () => void>();
  #text = '';
  #last = 0;
  /** QEMU has closed the channel */
  ended = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#read(chunk.toString()));
    for (const end of ['error', 'end', 'close']) stream.on(end, () => this.#end());
    this.ask('qmp_capabilities').catch(() => {}); // without it QEMU refuses every other command; they come after it
  }

  #read(text: string): void {
    this.#text += text;
    const lines = this.#text.split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) this.#answer(JSON.parse(line) as Answer);
  }

  #answer(answer: Answer): void {
    if (answer.event !== undefined) this.#listeners.get(answer.event)?.();
    const waiting = answer.id === undefined ? undefined : this.#waiting.get(answer.id);
    if (waiting === undefined) return; // the greeting
    this.#waiting.delete(answer.id as number);
    if (answer.error === undefined) waiting.resolve(answer.return);
    else waiting.reject(new RoamlabError('E_QEMU', 1, `QEMU: ${answer.error.desc}`));
  }

  #end(): void {
    this.ended = true;
    for (const { reject } of this.#waiting.values()) reject(new RoamlabError('E_QEMU', 1, 'QEMU ended'));
    this.#waiting.clear();
  }

  /** Calls `listener` for each `event`; one listener per event. */
  on(event: string, listener: () => void): void {
    this.#listeners.set(event, listener);
  }

  /** One command, its answer. Throws E_QEMU (exit 1) with QEMU's own words, or when QEMU ends. */
  ask(execute: string, args: Record<string, unknown> = {}): Promise<unknown> {
    if (this.ended) return Promise.reject(new RoamlabError('E_QEMU', 1, 'QEMU ended'));
    return new Promise((resolve, reject) => {
      this.#waiting.set(++this.#last, { resolve, reject });
      this.#stream.write(`${JSON.stringify({ execute, arguments: args, id: this.#last })}\n`);
    });
  }
}
