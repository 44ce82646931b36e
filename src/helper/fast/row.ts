/** Datagrams that can leave in one system call: of one size, but the last may be shorter, and of one TOS. */
import { type BatchSender, MAX_DATA, MAX_SEGMENTS } from '../../host/udp-gso.ts';

/** Told of each row that left or did not: datagrams, octets without IP and UDP headers, 0 or -errno. */
export type RowSent = (datagrams: number, octets: number, result: number) => void;

export class Row {
  readonly #sender: Pick<BatchSender, 'data' | 'send'>;
  readonly #sent: RowSent;
  #length = 0;
  #size = 0;
  #count = 0;
  #tos = 0;

  constructor(sender: Pick<BatchSender, 'data' | 'send'>, sent: RowSent) {
    this.#sender = sender;
    this.#sent = sent;
  }

  /** Room for a datagram of `octets`, sending first what it cannot go with; null when it fits no datagram. `add` must follow. */
  place(octets: number, tos: number): Uint8Array | null {
    if (octets <= 0 || octets > MAX_DATA) return null;
    const fits =
      this.#length === 0 || (tos === this.#tos && octets <= this.#size && this.#length + octets <= MAX_DATA && this.#count < MAX_SEGMENTS);
    if (!fits) this.flush();
    if (this.#length === 0) {
      this.#size = octets;
      this.#tos = tos;
    }
    return this.#sender.data.subarray(this.#length, this.#length + octets);
  }

  /** The datagram was put where `place` said. */
  add(octets: number): void {
    this.#length += octets;
    this.#count += 1;
    if (octets < this.#size) this.flush();
  }

  flush(): void {
    if (this.#length === 0) return;
    const [length, count] = [this.#length, this.#count];
    this.#length = 0;
    this.#count = 0;
    this.#sent(count, length, this.#sender.send(length, this.#size, this.#tos));
  }
}
