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
import { type CipherFactory, checkRoom, type SaCipher } from './types.ts';

const GONE = 'the SA is destroyed';
/** octets of an AEAD's IV on the wire (RFC 4106 section 3.1) */
const IV = 8;

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

  seal(aad: Uint8Array, unit: Uint8Array, at: number, length: number): void {
    const dataAt = at + IV;
    const icvAt = dataAt + length;
    checkRoom(unit, icvAt + this.#icv);
    const cipher = createCipheriv(this.#name, this.#alive(), this.#nonceOf(unit, at), { authTagLength: this.#icv });
    cipher.setAAD(aad);
    unit.set(cipher.update(unit.subarray(dataAt, icvAt)), dataAt);
    cipher.final();
    unit.set(cipher.getAuthTag(), icvAt);
  }

  open(aad: Uint8Array, unit: Uint8Array, at: number, end: number, out: Uint8Array, outAt: number): boolean {
    const key = this.#alive();
    const dataAt = at + IV;
    const icvAt = end - this.#icv;
    if (icvAt < dataAt || end > unit.length || outAt + icvAt - dataAt > out.length) return false;
    const decipher = createDecipheriv(this.#name, key, this.#nonceOf(unit, at), { authTagLength: this.#icv });
    decipher.setAAD(aad);
    decipher.setAuthTag(unit.subarray(icvAt, end));
    const plain = decipher.update(unit.subarray(dataAt, icvAt));
    try {
      decipher.final();
    } catch {
      return false;
    }
    out.set(plain, outAt);
    return true;
  }

  deriveIv(nonce: Uint8Array, unit: Uint8Array, at: number): void {
    unit.set(nonce, at);
  }

  destroy(): void {
    this.#key = null;
    this.#nonce.fill(0);
  }

  #nonceOf(unit: Uint8Array, at: number): Uint8Array {
    this.#nonce.set(unit.subarray(at, at + IV), this.#salt);
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

  seal(aad: Uint8Array, unit: Uint8Array, at: number, length: number): void {
    this.#alive();
    const { cipher, iv, icv } = this.#suite;
    const dataAt = at + iv;
    const icvAt = dataAt + length;
    checkRoom(unit, icvAt + icv);
    const data = unit.subarray(dataAt, icvAt);
    if (this.#key !== null) data.set(createCipheriv(cipher, this.#key, unit.subarray(at, dataAt)).setAutoPadding(false).update(data));
    if (this.#authKey !== null) unit.set(this.#mac(aad, unit.subarray(at, icvAt)), icvAt);
  }

  open(aad: Uint8Array, unit: Uint8Array, at: number, end: number, out: Uint8Array, outAt: number): boolean {
    this.#alive();
    const { cipher, align, iv, icv } = this.#suite;
    const dataAt = at + iv;
    const icvAt = end - icv;
    const length = icvAt - dataAt;
    if (length < 0 || length % align !== 0 || end > unit.length || outAt + length > out.length) return false;
    if (this.#authKey !== null && !timingSafeEqual(this.#mac(aad, unit.subarray(at, icvAt)), unit.subarray(icvAt, end))) return false;
    const data = unit.subarray(dataAt, icvAt);
    if (this.#key === null) out.set(data, outAt);
    else out.set(createDecipheriv(cipher, this.#key, unit.subarray(at, dataAt)).setAutoPadding(false).update(data), outAt);
    return true;
  }

  deriveIv(nonce: Uint8Array, unit: Uint8Array, at: number): void {
    this.#alive();
    if (this.#block === null) return;
    const iv = unit.subarray(at, at + this.#suite.iv);
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

  /** over `aad`, IV and ciphertext */
  #mac(aad: Uint8Array, covered: Uint8Array): Uint8Array {
    const mac = createHmac(this.#suite.hash!, this.#authKey!);
    return mac.update(aad).update(covered).digest().subarray(0, this.#suite.icv);
  }

  #alive(): void {
    if (this.#destroyed) throw new Error(GONE);
  }
}

export const nodeCipher: CipherFactory = (suite, keys) => (suite.kind === 'aead' ? new Aead(suite, keys) : new CipherThenMac(suite, keys));
