/** SaCipher on OpenSSL's EVP contexts. */
import { timingSafeEqual } from 'node:crypto';
import { addressOf } from '../../host/pinned.ts';
import type { ZoneKeys } from '../keys.ts';
import type { Suite } from '../suites.ts';
import { aadPlace, COUNT, dataPlace, ivPlace, SINK, smallPlace, ZEROS } from './desk.ts';
import { type Address, type OpenSsl, openSsl } from './openssl.ts';
import { type CipherFactory, checkRoom, type SaCipher } from './types.ts';

const GET_TAG = 0x10;
const SET_TAG = 0x11;
const GONE = 'the SA is destroyed';
/** octets of an AEAD's IV on the wire (RFC 4106 section 3.1) */
const IV = 8;

/** A call that cannot fail with these arguments; the message names the step and nothing of the data. */
const done = (step: string, result: number): void => {
  if (result !== 1) throw new Error(`OpenSSL failed to ${step}`);
};

class Contexts {
  readonly ssl: OpenSsl;
  #free: (() => void)[] = [];

  constructor(ssl: OpenSsl) {
    this.ssl = ssl;
  }

  get freed(): boolean {
    return this.#free.length === 0;
  }

  cipher(way: 'Encrypt' | 'Decrypt', name: string, key: Uint8Array): Address {
    const { ssl } = this;
    const context: Address = ssl.EVP_CIPHER_CTX_new();
    this.#free.push(() => ssl.EVP_CIPHER_CTX_free(context));
    const algorithm: Address = ssl.EVP_get_cipherbyname(name);
    if (algorithm === 0) throw new Error(`OpenSSL has no ${name}`);
    withKey(key, (at) => done('set a key', ssl[`EVP_${way}Init_ex`](context, algorithm, 0, at, 0)));
    ssl.EVP_CIPHER_CTX_set_padding(context, 0);
    return context;
  }

  hmac(hash: string, key: Uint8Array): Address {
    const { ssl } = this;
    const context: Address = ssl.HMAC_CTX_new();
    this.#free.push(() => ssl.HMAC_CTX_free(context));
    withKey(key, (at) => done('set an HMAC key', ssl.HMAC_Init_ex(context, at, key.length, ssl.EVP_get_digestbyname(hash), 0)));
    return context;
  }

  /** Freeing cleanses. */
  free(): void {
    for (const one of this.#free) one();
    this.#free = [];
    dataPlace.wipe();
  }
}

function withKey(key: Uint8Array, use: (at: Address) => void): void {
  try {
    use(smallPlace.put(key));
  } finally {
    smallPlace.wipe();
  }
}

class Aead implements SaCipher {
  readonly #contexts: Contexts;
  readonly #icv: number;
  readonly #salt: Uint8Array;
  readonly #encrypt: Address;
  readonly #decrypt: Address;

  constructor(ssl: OpenSsl, suite: Suite, keys: ZoneKeys) {
    this.#contexts = new Contexts(ssl);
    this.#icv = suite.icv;
    this.#salt = new Uint8Array(keys.salt);
    this.#encrypt = this.#contexts.cipher('Encrypt', suite.cipher, keys.enc);
    this.#decrypt = this.#contexts.cipher('Decrypt', suite.cipher, keys.enc);
  }

  seal(aad: Uint8Array, unit: Uint8Array, at: number, length: number): void {
    const ssl = this.#alive();
    const context = this.#encrypt;
    const icv = this.#icv;
    const dataAt = at + IV;
    checkRoom(unit, dataAt + length + icv);
    const base = addressOf(unit);
    const data = base === 0 ? dataPlace.put(unit, dataAt, length + icv) : base + dataAt;
    done('set an IV', ssl.EVP_EncryptInit_ex(context, 0, 0, 0, this.#nonceAt(unit, at)));
    done('authenticate', ssl.EVP_EncryptUpdate(context, 0, COUNT, aadPlace.put(aad), aad.length));
    if (length > 0) done('encrypt', ssl.EVP_EncryptUpdate(context, data, COUNT, data, length));
    done('finish', ssl.EVP_EncryptFinal_ex(context, SINK, COUNT));
    done('make a tag', ssl.EVP_CIPHER_CTX_ctrl(context, GET_TAG, icv, data + length));
    if (base === 0) dataPlace.get(unit, dataAt, length + icv);
  }

  open(aad: Uint8Array, unit: Uint8Array, at: number, end: number, out: Uint8Array, outAt: number): boolean {
    const ssl = this.#alive();
    const context = this.#decrypt;
    const dataAt = at + IV;
    const length = end - this.#icv - dataAt;
    if (length < 0 || end > unit.length || outAt + length > out.length) return false;
    const base = addressOf(unit);
    const from = base === 0 ? dataPlace.put(unit, dataAt, end - dataAt) : base + dataAt;
    const room = addressOf(out);
    const to = room === 0 ? dataPlace.room(length) : room + outAt;
    done('set an IV', ssl.EVP_DecryptInit_ex(context, 0, 0, 0, this.#nonceAt(unit, at)));
    done('authenticate', ssl.EVP_DecryptUpdate(context, 0, COUNT, aadPlace.put(aad), aad.length));
    if (length > 0) done('decrypt', ssl.EVP_DecryptUpdate(context, to, COUNT, from, length));
    done('take a tag', ssl.EVP_CIPHER_CTX_ctrl(context, SET_TAG, this.#icv, from + length));
    const right = ssl.EVP_DecryptFinal_ex(context, SINK, COUNT) === 1;
    if (right && room === 0) dataPlace.get(out, outAt, length);
    return right;
  }

  deriveIv(nonce: Uint8Array, unit: Uint8Array, at: number): void {
    for (let i = 0; i < IV; i++) unit[at + i] = nonce[i]!;
  }

  destroy(): void {
    this.#contexts.free();
    this.#salt.fill(0);
  }

  #nonceAt(unit: Uint8Array, at: number): Address {
    ivPlace.put(this.#salt);
    return ivPlace.put(unit, at, IV, this.#salt.length);
  }

  #alive(): OpenSsl {
    if (this.#contexts.freed) throw new Error(GONE);
    return this.#contexts.ssl;
  }
}

class CipherThenMac implements SaCipher {
  readonly #contexts: Contexts;
  readonly #suite: Suite;
  readonly #encrypt: Address | null;
  readonly #decrypt: Address | null;
  readonly #hmac: Address | null;
  readonly #digest = new Uint8Array(32);

  constructor(ssl: OpenSsl, suite: Suite, keys: ZoneKeys) {
    this.#contexts = new Contexts(ssl);
    this.#suite = suite;
    const cbc = suite.kind === 'cbc';
    this.#encrypt = cbc ? this.#contexts.cipher('Encrypt', suite.cipher, keys.enc) : null;
    this.#decrypt = cbc ? this.#contexts.cipher('Decrypt', suite.cipher, keys.enc) : null;
    this.#hmac = suite.hash === null ? null : this.#contexts.hmac(suite.hash, keys.auth);
  }

  seal(aad: Uint8Array, unit: Uint8Array, at: number, length: number): void {
    const ssl = this.#alive();
    const { iv, icv } = this.#suite;
    const dataAt = at + iv;
    checkRoom(unit, dataAt + length + icv);
    const base = addressOf(unit);
    const begin = base === 0 ? dataPlace.put(unit, at, iv + length) : base + at;
    const data = begin + iv;
    if (this.#encrypt !== null) {
      done('set an IV', ssl.EVP_EncryptInit_ex(this.#encrypt, 0, 0, 0, begin));
      if (length > 0) done('encrypt', ssl.EVP_EncryptUpdate(this.#encrypt, data, COUNT, data, length));
      if (base === 0) dataPlace.get(unit, dataAt, length, iv);
    }
    if (this.#hmac === null) return;
    this.#mac(ssl, this.#hmac, aad, begin, iv + length);
    smallPlace.get(unit, dataAt + length, icv);
  }

  open(aad: Uint8Array, unit: Uint8Array, at: number, end: number, out: Uint8Array, outAt: number): boolean {
    const ssl = this.#alive();
    const { iv, icv, align } = this.#suite;
    const dataAt = at + iv;
    const length = end - icv - dataAt;
    if (length < 0 || length % align !== 0 || end > unit.length || outAt + length > out.length) return false;
    const base = addressOf(unit);
    const begin = base === 0 ? dataPlace.put(unit, at, iv + length) : base + at;
    if (this.#hmac !== null) {
      this.#mac(ssl, this.#hmac, aad, begin, iv + length);
      smallPlace.get(this.#digest, 0, icv);
      if (!timingSafeEqual(this.#digest.subarray(0, icv), unit.subarray(end - icv, end))) return false;
    }
    if (this.#decrypt === null) {
      out.set(unit.subarray(dataAt, end - icv), outAt);
      return true;
    }
    const room = addressOf(out);
    const to = room === 0 ? dataPlace.room(iv + length) + iv : room + outAt;
    done('set an IV', ssl.EVP_DecryptInit_ex(this.#decrypt, 0, 0, 0, begin));
    if (length > 0) done('decrypt', ssl.EVP_DecryptUpdate(this.#decrypt, to, COUNT, begin + iv, length));
    if (room === 0) dataPlace.get(out, outAt, length, iv);
    return true;
  }

  deriveIv(nonce: Uint8Array, unit: Uint8Array, at: number): void {
    const ssl = this.#alive();
    if (this.#encrypt === null) return;
    const { iv } = this.#suite;
    unit.fill(0, at, at + iv);
    unit.set(nonce, at);
    const place = ivPlace.put(unit, at, iv);
    // one block of CBC with IV 0 is the block cipher itself
    done('set an IV', ssl.EVP_EncryptInit_ex(this.#encrypt, 0, 0, 0, ZEROS));
    done('encrypt', ssl.EVP_EncryptUpdate(this.#encrypt, place, COUNT, place, iv));
    ivPlace.get(unit, at, iv);
  }

  destroy(): void {
    this.#contexts.free();
    this.#digest.fill(0);
  }

  /** over `aad` and `length` octets at `covered`, IV and ciphertext; to `smallPlace` */
  #mac(ssl: OpenSsl, context: Address, aad: Uint8Array, covered: Address, length: number): void {
    done('restart an HMAC', ssl.HMAC_Init_ex(context, 0, 0, 0, 0));
    done('authenticate', ssl.HMAC_Update(context, aadPlace.put(aad), aad.length));
    if (length > 0) done('authenticate', ssl.HMAC_Update(context, covered, length));
    done('finish', ssl.HMAC_Final(context, smallPlace.room(0), COUNT));
  }

  #alive(): OpenSsl {
    if (this.#contexts.freed) throw new Error(GONE);
    return this.#contexts.ssl;
  }
}

/** Throws where OpenSSL cannot be called; `evpAvailable` tells. */
export const evpCipher: CipherFactory = (suite, keys) => {
  const ssl = openSsl();
  if (ssl === null) throw new Error('this process exports no OpenSSL');
  return suite.kind === 'aead' ? new Aead(ssl, suite, keys) : new CipherThenMac(ssl, suite, keys);
};

export const evpAvailable = (): boolean => openSsl() !== null;
