/**
 * Anti-replay (RFC 4303 section 3.4.3). Wider than usual: a foreign agent that repairs losses sends the same ciphertext again, behind
 * everything it has cached and queued meanwhile.
 */

export const DEFAULT_WINDOW = 1024;

export class ReplayWindow {
  readonly size: number;
  readonly #bits: Uint32Array;
  #top = 0;

  /** `size` in packets, a multiple of 32. Throws a RangeError for another. */
  constructor(size = DEFAULT_WINDOW) {
    if (!Number.isInteger(size) || size < 32 || size > 65_536 || size % 32 !== 0)
      throw new RangeError('a replay window is a multiple of 32');
    this.size = size;
    this.#bits = new Uint32Array(size / 32);
  }

  /** the highest sequence number accepted */
  get top(): number {
    return this.#top;
  }

  /** What speaks against this sequence number before its ICV is looked at; null: nothing. Changes nothing. */
  check(seq: number): 'replayed' | 'too-old' | null {
    if (seq === 0) return 'replayed';
    if (seq > this.#top) return null;
    if (this.#top - seq >= this.size) return 'too-old';
    const bit = seq % this.size;
    return (this.#bits[bit >>> 5]! & (1 << (bit & 31))) === 0 ? null : 'replayed';
  }

  /** Remembers a sequence number `check` let pass, once its packet is known to be genuine. */
  commit(seq: number): void {
    if (this.check(seq) !== null) return;
    if (seq > this.#top) this.#advance(seq);
    const bit = seq % this.size;
    this.#bits[bit >>> 5]! |= 1 << (bit & 31);
  }

  #advance(seq: number): void {
    if (seq - this.#top >= this.size) this.#bits.fill(0);
    else {
      for (let skipped = this.#top + 1; skipped <= seq; skipped++) {
        const bit = skipped % this.size;
        this.#bits[bit >>> 5]! &= ~(1 << (bit & 31));
      }
    }
    this.#top = seq;
  }
}
