/** One zone's SA: SPI, algorithms, keys, and for whoever writes, the IVs, which continue for as long as the key does. */
import { bestCipher } from './cipher/best.ts';
import type { CipherFactory, SaCipher } from './cipher/types.ts';
import type { IvSpace } from './iv.ts';
import { checkKeys, copyKeys, wipeKeys, type ZoneKeys } from './keys.ts';
import type { Suite } from './suites.ts';

export interface ZoneSaOptions {
  spi: number;
  suite: Suite;
  /** taken over: overwritten with zeros by `destroy` */
  keys: ZoneKeys;
  /** only for who writes */
  iv?: IvSpace;
  cipher?: CipherFactory;
}

export class ZoneSa {
  readonly spi: number;
  readonly suite: Suite;
  readonly iv: IvSpace | null;
  readonly #keys: ZoneKeys;
  readonly #cipher: SaCipher;
  #destroyed = false;

  /** Throws a RangeError for an SPI of more than 32 bits and for keys of another length than the suite's. */
  constructor({ spi, suite, keys, iv, cipher = bestCipher() }: ZoneSaOptions) {
    if (!Number.isInteger(spi) || spi < 0 || spi > 0xffff_ffff) throw new RangeError('an SPI has 32 bits');
    checkKeys(suite, keys);
    this.spi = spi;
    this.suite = suite;
    this.iv = iv ?? null;
    this.#keys = keys;
    this.#cipher = cipher(suite, keys);
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  /** For the codec. Throws once the SA is destroyed. */
  get cipher(): SaCipher {
    if (this.#destroyed) throw new Error('the SA is destroyed');
    return this.#cipher;
  }

  /** A copy, to be handed to another node over a protected channel. Throws once the SA is destroyed. */
  exportKeys(): ZoneKeys {
    if (this.#destroyed) throw new Error('the SA is destroyed');
    return copyKeys(this.#keys);
  }

  /** Overwrites the keys. What node:crypto and OpenSSL copied is cleansed when they let go of it: the one at collection, the other now. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#cipher.destroy();
    wipeKeys(this.#keys);
  }
}
