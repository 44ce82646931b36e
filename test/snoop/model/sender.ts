/** A Reno sender (RFC 5681, RFC 6298): slow start, fast retransmit and recovery, go-back-N after a timeout. Positions count from 0. */
import type { Ack, Segment } from './packets.ts';
import type { World } from './world.ts';

const MIN_RTO = 200;
const MAX_RTO = 4000;

export interface SenderShape {
  isn: number;
  /** octets */
  mss: number;
  /** octets of the next segment, at most mss */
  size: () => number;
  /** segments */
  window: number;
}

export class RenoSender {
  readonly #world: World;
  readonly #stream: Uint8Array;
  readonly #shape: SenderShape;
  readonly #send: (segment: Segment) => void;
  #id = 0;
  #una = 0;
  #next = 0;
  #highest = 0;
  #cwnd = 2;
  #ssthresh = 64;
  #duplicates = 0;
  #recovering = false;
  #lastWindow = -1;
  #rtt: { smoothed: number; variation: number } | null = null;
  #backOff = 1;
  /** the octet whose ACK is timed, and since when */
  #timed: { end: number; since: number } | null = null;
  #cancel = () => {};
  timeouts = 0;
  fastRetransmits = 0;

  constructor(world: World, stream: Uint8Array, shape: SenderShape, send: (segment: Segment) => void) {
    this.#world = world;
    this.#stream = stream;
    this.#shape = shape;
    this.#send = send;
  }

  /** after the FIN */
  get #end(): number {
    return this.#stream.length + 1;
  }

  get done(): boolean {
    return this.#una === this.#end;
  }

  start(): void {
    this.#fill();
  }

  receive({ ack, window }: Ack): void {
    const position = this.#una + ((ack - this.#shape.isn - this.#una) | 0);
    if (position > this.#highest) throw new Error('an ACK of what was never sent');
    if (position > this.#una) this.#advance(position);
    else if (position === this.#una && window === this.#lastWindow && this.#highest > this.#una) this.#duplicate();
    this.#lastWindow = window;
    this.#fill();
  }

  #advance(position: number): void {
    if (this.#timed !== null && position >= this.#timed.end) {
      this.#sample(this.#world.now - this.#timed.since);
      this.#timed = null;
    }
    this.#una = position;
    this.#next = Math.max(this.#next, position);
    this.#duplicates = 0;
    if (this.#recovering) this.#cwnd = this.#ssthresh;
    else this.#cwnd += this.#cwnd < this.#ssthresh ? 1 : 1 / this.#cwnd;
    this.#recovering = false;
    this.#restart();
  }

  #duplicate(): void {
    this.#duplicates += 1;
    if (this.#recovering) {
      this.#cwnd += 1;
    } else if (this.#duplicates === 3) {
      this.fastRetransmits += 1;
      this.#ssthresh = Math.max(this.#cwnd / 2, 2);
      this.#cwnd = this.#ssthresh + 3;
      this.#recovering = true;
      this.#timed = null;
      this.#transmit(this.#una);
      this.#restart();
    }
  }

  #expire(): void {
    this.timeouts += 1;
    this.#ssthresh = Math.max(this.#cwnd / 2, 2);
    this.#cwnd = 1;
    this.#duplicates = 0;
    this.#recovering = false;
    this.#timed = null;
    this.#backOff *= 2;
    this.#next = this.#una;
    this.#restart();
    this.#fill();
  }

  #fill(): void {
    let budget = Math.floor(Math.min(this.#cwnd, this.#shape.window)) - Math.ceil((this.#next - this.#una) / this.#shape.mss);
    while (budget > 0 && this.#next < this.#end) {
      const again = this.#next < this.#highest;
      const from = this.#next;
      this.#next = this.#transmit(from);
      if (!again && this.#timed === null) this.#timed = { end: this.#next, since: this.#world.now };
      budget -= 1;
    }
  }

  /** Sends the segment at `from` and says where it ends. */
  #transmit(from: number): number {
    if (this.#una === this.#highest) this.#restart();
    const payload = this.#stream.subarray(from, from + this.#shape.size());
    const fin = from + payload.length === this.#stream.length;
    const end = from + payload.length + (fin ? 1 : 0);
    this.#highest = Math.max(this.#highest, end);
    this.#send({ id: ++this.#id, octets: payload.length + 40, seq: (this.#shape.isn + from) >>> 0, payload, fin });
    return end;
  }

  #sample(rtt: number): void {
    this.#backOff = 1;
    if (this.#rtt === null) this.#rtt = { smoothed: rtt, variation: rtt / 2 };
    this.#rtt.variation += (Math.abs(rtt - this.#rtt.smoothed) - this.#rtt.variation) / 4;
    this.#rtt.smoothed += (rtt - this.#rtt.smoothed) / 8;
  }

  #restart(): void {
    this.#cancel();
    if (this.done) return;
    const base = this.#rtt === null ? 1000 : this.#rtt.smoothed + 4 * this.#rtt.variation;
    const rto = Math.min(Math.max(base, MIN_RTO) * this.#backOff, MAX_RTO);
    this.#cancel = this.#world.after(rto, () => this.#expire());
  }
}
