/**
 * Independent bit errors of a radio, seeded. Errors come as a Poisson process along the bits, with the rate that makes a packet of n
 * octets survive with probability (1-ber)^(8n) exactly; they hit distinct bits, each as likely as any other.
 */
import { prng } from '../host/random.ts';

/** A Poisson number is drawn in parts of at most this mean, so that e^-mean keeps its digits. */
const PART = 16;

/** Probability that no bit of `octets` octets is wrong at bit error rate `ber`. */
export function survival(ber: number, octets: number): number {
  return Math.exp(-meanErrors(ber, octets));
}

/** Mean number of errors; -ln(1-ber) of each bit, which is `ber` for small rates. */
function meanErrors(ber: number, octets: number): number {
  return -8 * octets * Math.log1p(-ber);
}

export class BitErrorModel {
  readonly ber: number;
  readonly #random: () => number;

  /** RangeError: `ber` (errors per bit) is not in [0, 1). `seed`: 32 bits. */
  constructor(ber: number, seed: number) {
    if (!(ber >= 0 && ber < 1)) throw new RangeError(`the bit error rate is ${ber}: it must be from 0 to below 1`);
    this.ber = ber;
    this.#random = prng(seed);
  }

  /** Whether a packet of `octets` octets arrives intact. One draw. */
  survives(octets: number): boolean {
    return this.#random() < survival(this.ber, octets);
  }

  /** How many bits of `octets` octets are wrong; never more than there are. 0 as often as {@link survives}. */
  errors(octets: number): number {
    let count = 0;
    let mean = meanErrors(this.ber, octets);
    for (; mean > PART; mean -= PART) count += poisson(PART, this.#random);
    return Math.min(count + poisson(mean, this.#random), 8 * octets);
  }

  /** The wrong bits of `octets` octets, ascending; bit 0 is the first on the wire. */
  positions(octets: number): number[] {
    return sample(this.errors(octets), 8 * octets, this.#random);
  }

  /** Flips bits of `packet` in place and says how many. */
  corrupt(packet: Uint8Array): number {
    const wrong = this.positions(packet.length);
    for (const bit of wrong) packet[bit >>> 3]! ^= 0x80 >>> (bit & 7);
    return wrong.length;
  }
}

/** A Poisson number by inversion: the smallest k whose distribution function is above one uniform draw. */
function poisson(mean: number, random: () => number): number {
  const u = random();
  let k = 0;
  let term = Math.exp(-mean);
  for (let sum = term; u >= sum && term > 0; sum += term) {
    k += 1;
    term *= mean / k;
  }
  return k;
}

/** `count` distinct numbers below `size`, every choice as likely (Floyd, CACM 30(9), 1987). */
function sample(count: number, size: number, random: () => number): number[] {
  const chosen = new Set<number>();
  for (let top = size - count; top < size; top += 1) {
    const candidate = Math.floor(random() * (top + 1));
    chosen.add(chosen.has(candidate) ? top : candidate);
  }
  return [...chosen].sort((a, b) => a - b);
}
