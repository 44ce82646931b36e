/** One ESP SA's keys, made ready when its first packet is seen. */
import type { EspKeys } from '../../types/keys.ts';
import { Suite } from '../crypto/suite.ts';

export class EspSa {
  readonly keys: EspKeys;
  /** sequence numbers turned out to be 64 bit (RFC 4303 section 2.2.1) */
  esn = false;
  #suite: Suite | undefined;

  constructor(keys: EspKeys) {
    this.keys = keys;
  }

  get suite(): Suite {
    const { encr, encrKey, integ, integKey } = this.keys;
    this.#suite ??= new Suite(encr, encrKey, integ, integKey);
    return this.#suite;
  }
}
