/**
 * Independent bit errors of a radio, seeded: which packets are lost. A packet of n octets arrives with probability (1-ber)^(8n); a radio's
 * frame check drops what has a wrong bit. This is the definition; the program in the kernel (program.ts) follows it draw by draw.
 */
import { splitMix64 } from './random.ts';

/** A draw is a whole number below 2^53, which a double holds. */
export const DRAW_BITS = 53;
/** IP packets are no longer; what is longer counts as this. */
export const MAX_OCTETS = 65_535;

/** Probability that no bit of `octets` octets is wrong at bit error rate `ber`. */
export function survival(ber: number, octets: number): number {
  return Math.exp(8 * octets * Math.log1p(-ber));
}

/** A packet of `octets` octets is lost when its draw is below this; 1-(1-ber)^(8n) of 2^53. RangeError: `ber` is not in [0, 1). */
export function threshold(ber: number, octets: number): number {
  if (!(ber >= 0 && ber < 1)) throw new RangeError(`the bit error rate is ${ber}: it must be from 0 to below 1`);
  return Math.round(-Math.expm1(8 * octets * Math.log1p(-ber)) * 2 ** DRAW_BITS);
}

export class BitErrorModel {
  readonly ber: number;
  readonly #draw: () => bigint;

  /** RangeError: `ber` (errors per bit) is not in [0, 1). `seed`: 32 bits. */
  constructor(ber: number, seed: number) {
    threshold(ber, 0);
    this.ber = ber;
    this.#draw = splitMix64(BigInt(seed >>> 0));
  }

  /** Whether the next packet, of `octets` octets, is lost. One draw, whatever comes of it. */
  loses(octets: number): boolean {
    return Number(this.#draw() >> BigInt(64 - DRAW_BITS)) < threshold(this.ber, Math.min(octets, MAX_OCTETS));
  }
}
