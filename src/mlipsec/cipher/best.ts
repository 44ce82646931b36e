/** The implementation of ciphers that new SAs use unless told otherwise: OpenSSL called directly where that demonstrably works. */
import { keyLength, splitKeys } from '../keys.ts';
import { SUITE_NAMES, type Suite, suiteNamed } from '../suites.ts';
import { evpAvailable, evpCipher } from './evp.ts';
import { nodeCipher } from './node.ts';
import type { CipherFactory, SaCipher } from './types.ts';

let best: CipherFactory | undefined;

/** Chosen once per process: EVP when for every suite it seals octet by octet as node:crypto does, and opens its own; else node:crypto. */
export function bestCipher(): CipherFactory {
  best ??= evpAvailable() && SUITE_NAMES.every((name) => agrees(suiteNamed(name, { fidelity: true }))) ? evpCipher : nodeCipher;
  return best;
}

function agrees(suite: Suite): boolean {
  const made: SaCipher[] = [];
  const use = (factory: CipherFactory): SaCipher => {
    const cipher = factory(
      suite,
      splitKeys(
        suite,
        new Uint8Array(keyLength(suite)).map((_, i) => i * 7 + 1),
      ),
    );
    made.push(cipher);
    return cipher;
  };
  try {
    const [evp, node] = [use(evpCipher), use(nodeCipher)];
    return [suite.align, suite.align * 5].every((length) => {
      const aad = new Uint8Array(8).fill(length);
      const plain = new Uint8Array(length).map((_, i) => i);
      const whole = suite.iv + length + suite.icv;
      const [a, b] = [evp, node].map((cipher) => {
        const unit = new Uint8Array(whole);
        cipher.deriveIv(new Uint8Array(Math.min(8, suite.iv)).fill(3), unit, 0);
        unit.set(plain, suite.iv);
        cipher.seal(aad, unit, 0, length);
        return unit;
      }) as [Uint8Array, Uint8Array];
      const back = new Uint8Array(length);
      return Buffer.compare(a, b) === 0 && evp.open(aad, a, 0, whole, back, 0) && Buffer.compare(back, plain) === 0;
    });
  } catch {
    return false;
  } finally {
    for (const cipher of made) cipher.destroy();
  }
}
