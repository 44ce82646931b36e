/** Two sockets as one: each has a queue of its own, and what was sent first shall be delivered first, however late we look. */
import { type Arrival, isBefore } from '../../host/noted.ts';
import type { Source } from '../station.ts';

/** A source whose packets can be received before they are handled. Its socket notes when they came. */
export interface Receiving extends Source {
  readonly arrival: Arrival;
  /** octets of the next packet, 0 when none waits, below when something was wrong */
  receive(): number;
  handle(length: number): void;
}

/** times that something wrong is looked behind at once */
const FAULTS = 4;

class Head {
  readonly source: Receiving;
  /** octets of the packet that is received and not handled; 0: none */
  length = 0;

  constructor(source: Receiving) {
    this.source = source;
  }

  /** False when no packet waits. */
  fill(): boolean {
    for (let i = 0; this.length <= 0 && i < FAULTS; i++) {
      this.length = this.source.receive();
      if (this.length === 0) break;
    }
    if (this.length < 0) this.length = 0;
    return this.length > 0;
  }

  handle(): void {
    const { length } = this;
    this.length = 0;
    this.source.handle(length);
  }
}

export class InOrder {
  readonly #a: Head;
  readonly #b: Head;
  readonly #start: () => void;
  /** one for each socket; either takes the older packet of both */
  readonly sources: readonly Source[];

  /** `start` is called before packets are received. */
  constructor(a: Receiving, b: Receiving, start: () => void) {
    this.#a = new Head(a);
    this.#b = new Head(b);
    this.#start = start;
    this.sources = [a, b].map(({ fd }) => ({ fd, take: () => this.take() }));
  }

  /** A packet is received that was younger than another: no poll will tell of it. */
  get holds(): boolean {
    return this.#a.length > 0 || this.#b.length > 0;
  }

  take(): boolean {
    const [a, b] = [this.#a, this.#b];
    this.#start();
    // when `b` was read, what is older is there: it may have come to `a` after it was found empty
    const hasA = a.fill();
    const hasB = b.fill();
    if (!hasA && !(hasB && a.fill())) {
      if (hasB) b.handle();
      return hasB;
    }
    (hasB && isBefore(b.source.arrival, a.source.arrival) ? b : a).handle();
    return true;
  }
}
