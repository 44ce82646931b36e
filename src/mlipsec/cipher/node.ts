/** SaCipher on node:crypto. Keys are KeyObjects: given as octets they would be imported for each packet, which costs 8 us. */
import {
  type CipherGCMTypes,
  type Cipheriv,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import type { ZoneKeys } from '../keys.ts';
import type { Suite } from '../suites.ts';
import type { CipherFactory, SaCipher } from './types.ts';

const GONE = 'the SA is destroyed';

class Aead implements SaCipher {
  readonly #name: CipherGCMTypes;
  readonly #icv: number;
  readonly #nonce: Uint8Array;
  readonly #salt: number;
  #key: KeyObject | null;

  constructor(suite: Suite, keys: ZoneKeys) {
    this.#name = suite.cipher as CipherGCMTypes;
    this.#icv = suite.icv;
    this.#salt = suite.salt;
    this.#nonce = new Uint8Array(suite.salt + suite.iv);
    this.#nonce.set(keys.salt);
    this.#key = createSecretKey(keys.enc);
  }

  seal(aad: Uint8Array, iv: Uint8Array, plain: Uint8Array, out: Uint8Array): void {
    const cipher = createCipheriv(this.#name, this.#alive(), this.#nonceOf(iv), { authTagLength: this.#icv });
    cipher.setAAD(aad);
    const data = cipher.update(plain);
    cipher.final();
    out.set(data);
    out.set(cipher.getAuthTag(), data.length);
  }

  open(aad: Uint8Array, iv: Uint8Array, sealed: Uint8Array, out: Uint8Array): boolean {
    const end = sealed.length - this.#icv;
    if (end < 0) return false;
    const decipher = createDecipheriv(this.#name, this.#alive(), this.#nonceOf(iv), { authTagLength: this.#icv });
    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(end));
    const plain = decipher.update(sealed.subarray(0, end));
    try {
      decipher.final();
    } catch {
      return false;
    }
    out.set(plain);
    return true;
  }

  deriveIv(nonce: Uint8Array, iv: Uint8Array): void {
    iv.set(nonce);
  }

  destroy(): void {
    this.#key = null;
    this.#nonce.fill(0);
  }

  #nonceOf(iv: Uint8Array): Uint8Array {
    this.#nonce.set(iv, this.#salt);
    return this.#nonce;
  }

  #alive(): KeyObject {
    if (this.#key === null) throw new Error(GONE);
    return this.#key;
  }
}

/** CBC or NULL, then HMAC, if any, over what is authenticated only, IV and ciphertext (RFC 4303 section 3.3.2.1). */
class CipherThenMac implements SaCipher {
  readonly #suite: Suite;
  #key: KeyObject | null;
  #authKey: KeyObject | null;
  #block: Cipheriv | null;
  #destroyed = false;

  constructor(suite: Suite, keys: ZoneKeys) {
    this.#suite = suite;
    this.#key = suite.kind === 'null' ? null : createSecretKey(keys.enc);
    this.#authKey = suite.hash === null ? null : createSecretKey(keys.auth);
    // without chaining there is no state, so one object lasts for the life of the SA
    this.#block = this.#key === null ? null : createCipheriv(suite.block, this.#key, null).setAutoPadding(false);
  }

  seal(aad: Uint8Array, iv: Uint8Array, plain: Uint8Array, out: Uint8Array): void {
    this.#alive();
    const { cipher } = this.#suite;
    if (this.#key === null) out.set(plain);
    else out.set(createCipheriv(cipher, this.#key, iv).setAutoPadding(false).update(plain));
    if (this.#authKey !== null) out.set(this.#mac(aad, iv, out.subarray(0, plain.length)), plain.length);
  }

  open(aad: Uint8Array, iv: Uint8Array, sealed: Uint8Array, out: Uint8Array): boolean {
    this.#alive();
    const { cipher, align, icv } = this.#suite;
    const end = sealed.length - icv;
    if (end < 0 || end % align !== 0) return false;
    const data = sealed.subarray(0, end);
    if (this.#authKey !== null && !timingSafeEqual(this.#mac(aad, iv, data), sealed.subarray(end))) return false;
    if (this.#key === null) out.set(data);
    else out.set(createDecipheriv(cipher, this.#key, iv).setAutoPadding(false).update(data));
    return true;
  }

  deriveIv(nonce: Uint8Array, iv: Uint8Array): void {
    this.#alive();
    if (this.#block === null) return;
    iv.fill(0);
    iv.set(nonce);
    iv.set(this.#block.update(iv));
  }

  destroy(): void {
    this.#destroyed = true;
    this.#key = null;
    this.#authKey = null;
    this.#block = null;
  }

  #mac(aad: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
    const mac = createHmac(this.#suite.hash!, this.#authKey!);
    return mac.update(aad).update(iv).update(data).digest().subarray(0, this.#suite.icv);
  }

  #alive(): void {
    if (this.#destroyed) throw new Error(GONE);
  }
}

export const nodeCipher: CipherFactory = (suite, keys) => (suite.kind === 'aead' ? new Aead(suite, keys) : new CipherThenMac(suite, keys));
