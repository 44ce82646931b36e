/**
 * Where octets lie while OpenSSL works on them: pinned memory of this thread, one place for each argument. Data that is pinned already is
 * worked on where it is.
 */
import { addressOf, pinned } from '../../host/pinned.ts';
import type { Address } from './openssl.ts';

/** octets OpenSSL writes beside data: lengths, blocks that are none */
const SMALL = 64;
/** the longest additional data: zone 1 and 16 octets before it */
const MOST = 65_536 + 64;

/** A place for octets that are copied to it. */
class Place {
  #bytes: Uint8Array;
  #address: Address;

  constructor(size: number) {
    this.#bytes = pinned(size);
    this.#address = addressOf(this.#bytes);
  }

  /** Room for `size` octets, whatever was there before. */
  room(size: number): Address {
    if (size > this.#bytes.length) {
      this.wipe();
      this.#bytes = pinned(size * 2);
      this.#address = addressOf(this.#bytes);
    }
    return this.#address;
  }

  /** Copies `length` octets of `octets` from `from` on to the place from `at` on. */
  put(octets: Uint8Array, from = 0, length: number = octets.length - from, at = 0): Address {
    const address = this.room(at + length);
    const bytes = this.#bytes;
    if (length > SMALL) bytes.set(octets.subarray(from, from + length), at);
    else for (let i = 0; i < length; i++) bytes[at + i] = octets[from + i]!;
    return address;
  }

  /** Copies `length` octets from `from` on to `out` from `at` on. */
  get(out: Uint8Array, at: number, length: number, from = 0): void {
    if (length > SMALL) out.set(this.#bytes.subarray(from, from + length), at);
    else for (let i = 0; i < length; i++) out[at + i] = this.#bytes[from + i]!;
  }

  wipe(): void {
    this.#bytes.fill(0);
  }
}

/** exported so that it, and with it the addresses that follow, lasts */
export const restPlace = new Place(3 * SMALL);
/** how much OpenSSL wrote, of which nobody asks */
export const COUNT: Address = restPlace.room(0);
/** where the last step of a cipher without padding writes nothing */
export const SINK: Address = COUNT + SMALL;
export const ZEROS: Address = SINK + SMALL;
export const aadPlace = new Place(MOST);
export const ivPlace = new Place(SMALL);
/** keys for as long as a call takes, and digests */
export const smallPlace = new Place(SMALL);
export const dataPlace = new Place(MOST);
