/** Datagrams that can leave in one system call: of one size, but the last may be shorter, and of one TOS. */
import { type BatchSender, MAX_DATA, MAX_SEGMENTS } from '../../host/udp-gso.ts';

export interface Tally {
  count: number;
  innerOctets: number;
  wireOctets: number;
}

export class Row {
  readonly #sender: Pick<BatchSender, 'data' | 'send'>;
  readonly #sent: (tally: Tally, result: number) => void;
  readonly #tally: Tally = { count: 0, innerOctets: 0, wireOctets: 0 };
  #length = 0;
  #size = 0;
  #tos = 0;

  /** `sent` is told what was in each row and whether it left: 0 or -errno. */
  constructor(sender: Pick<BatchSender, 'data' | 'send'>, sent: (tally: Tally, result: number) => void) {
    this.#sender = sender;
    this.#sent = sent;
  }

  /** Room for a datagram of `octets`, once what it cannot go with is sent; null when it fits no datagram. `add` may follow. */
  place(octets: number, tos: number): Uint8Array | null {
    if (octets <= 0 || octets > MAX_DATA) return null;
    const length = this.#length;
    const isFull = octets > this.#size || length + octets > MAX_DATA || this.#tally.count >= MAX_SEGMENTS;
    if (length > 0 && (isFull || tos !== this.#tos)) this.flush();
    if (this.#length === 0) {
      this.#size = octets;
      this.#tos = tos;
    }
    return this.#sender.data.subarray(this.#length, this.#length + octets);
  }

  /** A datagram of `octets`, no more than asked for, was put where `place` said; what it is counted as. */
  add(octets: number, innerOctets: number, wireOctets: number): void {
    const tally = this.#tally;
    this.#length += octets;
    tally.count += 1;
    tally.innerOctets += innerOctets;
    tally.wireOctets += wireOctets;
    if (octets < this.#size) this.flush();
  }

  flush(): void {
    const length = this.#length;
    if (length === 0) return;
    this.#length = 0;
    const tally = this.#tally;
    this.#sent(tally, this.#sender.send(length, this.#size, this.#tos));
    tally.count = 0;
    tally.innerOctets = 0;
    tally.wireOctets = 0;
  }
}
