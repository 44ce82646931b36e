/** One SA's algorithms and keys, ready to use. Two implementations: node:crypto, and OpenSSL's EVP called directly. */
import type { ZoneKeys } from '../keys.ts';
import type { Suite } from '../suites.ts';

export interface SaCipher {
  /**
   * Encrypts `plain` and writes ciphertext and ICV to `out`, which has room for exactly these. The ICV covers `aad`, `iv` and ciphertext (of
   * GCM: `aad` and ciphertext, RFC 4106 section 5). `plain` is a multiple of the suite's alignment and may be the beginning of `out`.
   */
  seal(aad: Uint8Array, iv: Uint8Array, plain: Uint8Array, out: Uint8Array): void;
  /**
   * Decrypts `sealed`, ciphertext and ICV, to the beginning of `out`. False when the ICV is wrong or there are no whole blocks; then `out`
   * holds nothing of use and possibly something that must not be used.
   */
  open(aad: Uint8Array, iv: Uint8Array, sealed: Uint8Array, out: Uint8Array): boolean;
  /**
   * Makes the IV on the wire of 8 octets that never repeat: themselves; for CBC, where IVs must not be predictable, their encryption under
   * the same key (NIST SP 800-38A appendix C); nothing for NULL.
   */
  deriveIv(nonce: Uint8Array, iv: Uint8Array): void;
  /** Forgets the keys; using it afterwards throws. */
  destroy(): void;
}

/** Copies what it needs of the keys. */
export type CipherFactory = (suite: Suite, keys: ZoneKeys) => SaCipher;
