/** One SA's algorithms and keys, ready to use. Two implementations: node:crypto, and OpenSSL's EVP called directly. */
import type { ZoneKeys } from '../keys.ts';
import type { Suite } from '../suites.ts';

export interface SaCipher {
  /**
   * Encrypts the `length` octets of `unit` that stand behind the IV at `at`, where they are, and writes the ICV behind them. It covers `aad`,
   * IV and ciphertext (of GCM: `aad` and ciphertext, RFC 4106 section 5). `length` is a multiple of the suite's alignment. Throws a RangeError
   * when `unit` has no room for this.
   */
  seal(aad: Uint8Array, unit: Uint8Array, at: number, length: number): void;
  /**
   * Decrypts what stands in `unit` between `at` and `end`, IV, ciphertext and ICV, to `out` from `outAt` on, other memory. False when the ICV
   * is wrong, there are no whole blocks or no room; then `out` holds nothing of use and possibly something that must not be used.
   */
  open(aad: Uint8Array, unit: Uint8Array, at: number, end: number, out: Uint8Array, outAt: number): boolean;
  /**
   * Writes the IV on the wire to `unit` at `at`, made of 8 octets that never repeat: themselves; for CBC, where IVs must not be predictable,
   * their encryption under the same key (NIST SP 800-38A appendix C); nothing for NULL.
   */
  deriveIv(nonce: Uint8Array, unit: Uint8Array, at: number): void;
  /** Forgets the keys; using it afterwards throws. */
  destroy(): void;
}

/** Copies what it needs of the keys. */
export type CipherFactory = (suite: Suite, keys: ZoneKeys) => SaCipher;

/** Throws a RangeError when `unit` does not reach to `end`. */
export function checkRoom(unit: Uint8Array, end: number): void {
  if (end > unit.length) throw new RangeError('no room for the ICV');
}
