/** One IKE_SA's keys, made ready when its first message is seen, and the fragments it still waits for. */
import type { IkeKeys } from '../../types/keys.ts';
import { Suite } from '../crypto/suite.ts';
import { Fragments } from './fragments.ts';

export class IkeSa {
  readonly keys: IkeKeys;
  readonly fragments = new Fragments();
  #initiator: Suite | undefined;
  #responder: Suite | undefined;

  constructor(keys: IkeKeys) {
    this.keys = keys;
  }

  /** What opens messages sent by the original initiator, or by the original responder. */
  suite(fromInitiator: boolean): Suite {
    const { encr, integ, skEi, skEr, skAi, skAr } = this.keys;
    if (fromInitiator) {
      this.#initiator ??= new Suite(encr, skEi, integ, skAi);
      return this.#initiator;
    }
    this.#responder ??= new Suite(encr, skEr, integ, skAr);
    return this.#responder;
  }
}
