/**
 * IVs: writer (8 bit) | epoch (8 bit) | counter (48 bit). The ends and a foreign agent encrypt zone 1 under the same key, so each writes in
 * a space of its own; a counter belongs to its SA and not to a sequence number, which starts again when another zone's keys change.
 */

const END = 2 ** 48;
export const NONCE = 8;
/** the writer that is no foreign agent */
export const END_NODE = 0;
export const MAX_WRITER = 254;

export class IvSpace {
  readonly writer: number;
  readonly epoch: number;
  #next: number;

  /**
   * `epoch` must rise whenever the same writer starts again under the same key, `next` is the first counter. Throws a RangeError for what
   * does not fit its bits.
   */
  constructor(writer: number, epoch: number, next = 0) {
    if (!Number.isInteger(writer) || writer < 0 || writer > MAX_WRITER) throw new RangeError(`a writer is 0 to ${MAX_WRITER}`);
    if (!Number.isInteger(epoch) || epoch < 0 || epoch > 255) throw new RangeError('an epoch is 0 to 255');
    if (!Number.isInteger(next) || next < 0 || next > END) throw new RangeError('a counter has 48 bits');
    this.writer = writer;
    this.epoch = epoch;
    this.#next = next;
  }

  get exhausted(): boolean {
    return this.#next >= END;
  }

  /** Writes the next 8 octets to `out`. Throws when there are none left: repeating one would give GCM's key away. */
  take(out: Uint8Array): void {
    if (this.#next >= END) throw new RangeError('the IV counter is exhausted');
    const high = Math.floor(this.#next / 0x1_0000_0000);
    const low = this.#next >>> 0;
    out[0] = this.writer;
    out[1] = this.epoch;
    out[2] = high >>> 8;
    out[3] = high;
    out[4] = low >>> 24;
    out[5] = low >>> 16;
    out[6] = low >>> 8;
    out[7] = low;
    this.#next += 1;
  }
}
