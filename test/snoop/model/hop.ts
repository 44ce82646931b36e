/** One direction of one hop: a queue in two bands, a rate, a delay, loss, and packets that overtake. */
import type { World } from './world.ts';

export interface HopShape {
  /** ms */
  delay: number;
  /** ms at most that a packet is late; packets overtake when it is above the time of sending one */
  jitter?: number;
  /** probability, of each packet */
  loss?: number;
  /** octets per ms; left out: at once */
  rate?: number;
  /** packets of the lower band, at most */
  queue?: number;
}

export class Hop<P extends { octets: number }> {
  readonly #world: World;
  readonly #shape: HopShape;
  readonly #random: () => number;
  readonly #deliver: (packet: P) => void;
  readonly #bands: [first: P[], second: P[]] = [[], []];
  #busy = false;

  constructor(world: World, shape: HopShape, random: () => number, deliver: (packet: P) => void) {
    this.#world = world;
    this.#shape = shape;
    this.#random = random;
    this.#deliver = deliver;
  }

  get full(): boolean {
    return this.#bands[1].length >= (this.#shape.queue ?? Number.POSITIVE_INFINITY);
  }

  send(packet: P, first = false): void {
    if (!first && this.full) return;
    this.#bands[first ? 0 : 1].push(packet);
    if (!this.#busy) this.#serve();
  }

  #serve(): void {
    const packet = this.#bands[0].shift() ?? this.#bands[1].shift();
    this.#busy = packet !== undefined;
    if (packet === undefined) return;
    const { rate = Number.POSITIVE_INFINITY, loss = 0, delay, jitter = 0 } = this.#shape;
    this.#world.after(packet.octets / rate, () => {
      if (this.#random() >= loss) this.#world.after(delay + jitter * this.#random(), () => this.#deliver(packet));
      this.#serve();
    });
  }
}
