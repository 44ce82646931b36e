/** A receiver behind an anti-replay window: it reads octets in order, keeps what came early, and acknowledges every packet at once. */
import type { Ack, Segment } from './packets.ts';

export class Receiver {
  readonly #isn: number;
  readonly #acknowledge: (ack: Ack) => void;
  /** of the next ACK */
  readonly #window: () => number;
  readonly #opened = new Set<number>();
  readonly #octets = new Map<number, number>();
  #finAt = -1;
  #next = 0;
  readonly read: number[] = [];
  /** copies the anti-replay window threw away */
  replays = 0;

  constructor(isn: number, window: () => number, acknowledge: (ack: Ack) => void) {
    this.#isn = isn;
    this.#window = window;
    this.#acknowledge = acknowledge;
  }

  receive({ id, seq, payload, fin }: Segment): void {
    if (this.#opened.has(id)) {
      this.replays += 1;
      return;
    }
    this.#opened.add(id);
    const position = this.#next + ((seq - this.#isn - this.#next) | 0);
    for (let i = 0; i < payload.length; i += 1) if (position + i >= this.#next) this.#octets.set(position + i, payload[i]!);
    if (fin) this.#finAt = position + payload.length;
    for (let octet = this.#octets.get(this.#next); octet !== undefined; octet = this.#octets.get(this.#next)) {
      this.read.push(octet);
      this.#octets.delete(this.#next);
      this.#next += 1;
    }
    if (this.#next === this.#finAt) this.#next += 1;
    this.#acknowledge({ octets: 40, ack: (this.#isn + this.#next) >>> 0, window: this.#window() });
  }
}
