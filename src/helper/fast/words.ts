/** Memory that is looked at as octets and as 32-bit words: Internet checksums (RFC 1071) four octets at a time. */
import { pinned } from '../../host/pinned.ts';

export class Words {
  readonly bytes: Uint8Array;
  readonly #words: Uint32Array;

  /** With room for `size` octets. */
  constructor(size: number) {
    this.bytes = pinned((size + 7) & ~3);
    this.#words = new Uint32Array(this.bytes.buffer);
  }

  /** The word at `at`, a multiple of 4, in the machine's order of octets. */
  word(at: number): number {
    return this.#words[at >>> 2]!;
  }

  /**
   * The one's complement sum, not inverted, of `length` octets from `at` on, which is a multiple of 4; an odd octet at the end counts as the
   * high one of a word. Up to three octets behind them are overwritten with zeros.
   */
  sum(at: number, length: number): number {
    const { bytes } = this;
    const words = this.#words;
    const end = at + length;
    for (let i = end; (i & 3) !== 0; i++) bytes[i] = 0;
    const last = (end + 3) >>> 2;
    // the sum of words in either order of octets is the same but for that order (RFC 1071 section 2); as floating-point numbers sums of
    // 32-bit words are exact and do not wait for each other
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let i = at >>> 2;
    for (const whole = last - 3; i < whole; i += 4) {
      a += words[i]!;
      b += words[i + 1]!;
      c += words[i + 2]!;
      d += words[i + 3]!;
    }
    for (; i < last; i++) a += words[i]!;
    let sum = a + b + c + d;
    while (sum > 0xffff) sum = (sum % 0x1_0000) + Math.floor(sum / 0x1_0000);
    return ((sum & 0xff) << 8) | (sum >>> 8);
  }
}

/** A sum of words brought to 16 bits with the carries added in. */
export function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return folded;
}

/** The one's complement sum of `length` octets from anywhere in `b`; for headers. */
export function sumOctets(b: Uint8Array, at: number, length: number): number {
  let sum = 0;
  const even = at + (length & ~1);
  for (let i = at; i < even; i += 2) sum += (b[i]! << 8) | b[i + 1]!;
  if ((length & 1) !== 0) sum += b[even]! << 8;
  return fold(sum);
}
