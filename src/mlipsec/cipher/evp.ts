/** SaCipher on OpenSSL's EVP contexts. */
import { timingSafeEqual } from 'node:crypto';
import { addressOf } from '../../host/pinned.ts';
import type { ZoneKeys } from '../keys.ts';
import type { Suite } from '../suites.ts';
import { aadPlace, COUNT, dataPlace, ivPlace, SINK, smallPlace, ZEROS } from './desk.ts';
import { type Address, type OpenSsl, openSsl } from './openssl.ts';
import type { CipherFactory, SaCipher } from './types.ts';

const GET_TAG = 0x10;
const SET_TAG = 0x11;
const GONE = 'the SA is destroyed';

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

/** Where `plain` can be encrypted to what will be in `out`: there, if it is pinned, else in the common place. */
function placed(plain: Uint8Array, out: Uint8Array, icv: number): Address {
  const at = addressOf(out);
  if (at === 0 || out.length < plain.length + icv) return dataPlace.put(plain, icv);
  if (addressOf(plain) !== at) out.set(plain);
  return at;
}

class Aead implements SaCipher {
  readonly #contexts: Contexts;
  readonly #icv: number;
  readonly #salt: number;
  readonly #nonce: Uint8Array;
  readonly #encrypt: Address;
  readonly #decrypt: Address;

  constructor(ssl: OpenSsl, suite: Suite, keys: ZoneKeys) {
    this.#contexts = new Contexts(ssl);
    this.#icv = suite.icv;
    this.#salt = suite.salt;
    this.#nonce = new Uint8Array(suite.salt + suite.iv);
    this.#nonce.set(keys.salt);
    this.#encrypt = this.#contexts.cipher('Encrypt', suite.cipher, keys.enc);
    this.#decrypt = this.#contexts.cipher('Decrypt', suite.cipher, keys.enc);
  }

  seal(aad: Uint8Array, iv: Uint8Array, plain: Uint8Array, out: Uint8Array): void {
    const ssl = this.#alive();
    const context = this.#encrypt;
    const { length } = plain;
    const icv = this.#icv;
    const at = placed(plain, out, icv);
    done('set an IV', ssl.EVP_EncryptInit_ex(context, 0, 0, 0, this.#nonceAt(iv)));
    done('authenticate', ssl.EVP_EncryptUpdate(context, 0, COUNT, aadPlace.put(aad), aad.length));
    if (length > 0) done('encrypt', ssl.EVP_EncryptUpdate(context, at, COUNT, at, length));
    done('finish', ssl.EVP_EncryptFinal_ex(context, SINK, COUNT));
    done('make a tag', ssl.EVP_CIPHER_CTX_ctrl(context, GET_TAG, icv, at + length));
    if (at !== addressOf(out)) dataPlace.get(out, length + icv);
  }

  open(aad: Uint8Array, iv: Uint8Array, sealed: Uint8Array, out: Uint8Array): boolean {
    const ssl = this.#alive();
    const context = this.#decrypt;
    const end = sealed.length - this.#icv;
    if (end < 0 || out.length < end) return false;
    const from = addressOf(sealed) || dataPlace.put(sealed);
    const to = addressOf(out) || dataPlace.room(sealed.length);
    done('set an IV', ssl.EVP_DecryptInit_ex(context, 0, 0, 0, this.#nonceAt(iv)));
    done('authenticate', ssl.EVP_DecryptUpdate(context, 0, COUNT, aadPlace.put(aad), aad.length));
    if (end > 0) done('decrypt', ssl.EVP_DecryptUpdate(context, to, COUNT, from, end));
    done('take a tag', ssl.EVP_CIPHER_CTX_ctrl(context, SET_TAG, this.#icv, from + end));
    const right = ssl.EVP_DecryptFinal_ex(context, SINK, COUNT) === 1;
    if (right && to !== addressOf(out)) dataPlace.get(out, end);
    return right;
  }

  deriveIv(nonce: Uint8Array, iv: Uint8Array): void {
    iv.set(nonce);
  }

  destroy(): void {
    this.#contexts.free();
    this.#nonce.fill(0);
  }

  #nonceAt(iv: Uint8Array): Address {
    const nonce = this.#nonce;
    for (let i = 0; i < iv.length; i++) nonce[this.#salt + i] = iv[i]!;
    return ivPlace.put(nonce);
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

  seal(aad: Uint8Array, iv: Uint8Array, plain: Uint8Array, out: Uint8Array): void {
    const ssl = this.#alive();
    const { length } = plain;
    const { icv } = this.#suite;
    const at = placed(plain, out, icv);
    if (this.#encrypt !== null) {
      done('set an IV', ssl.EVP_EncryptInit_ex(this.#encrypt, 0, 0, 0, ivPlace.put(iv)));
      if (length > 0) done('encrypt', ssl.EVP_EncryptUpdate(this.#encrypt, at, COUNT, at, length));
    }
    if (at !== addressOf(out)) dataPlace.get(out, length);
    if (this.#hmac === null) return;
    this.#mac(ssl, this.#hmac, aad, iv, at, length);
    smallPlace.get(out, icv, length);
  }

  open(aad: Uint8Array, iv: Uint8Array, sealed: Uint8Array, out: Uint8Array): boolean {
    const ssl = this.#alive();
    const { icv, align } = this.#suite;
    const end = sealed.length - icv;
    if (end < 0 || end % align !== 0 || out.length < end) return false;
    const from = addressOf(sealed) || dataPlace.put(sealed);
    if (this.#hmac !== null) {
      this.#mac(ssl, this.#hmac, aad, iv, from, end);
      smallPlace.get(this.#digest, icv);
      if (!timingSafeEqual(this.#digest.subarray(0, icv), sealed.subarray(end))) return false;
    }
    if (this.#decrypt === null) {
      out.set(sealed.subarray(0, end));
      return true;
    }
    const to = addressOf(out) || dataPlace.room(sealed.length);
    done('set an IV', ssl.EVP_DecryptInit_ex(this.#decrypt, 0, 0, 0, ivPlace.put(iv)));
    if (end > 0) done('decrypt', ssl.EVP_DecryptUpdate(this.#decrypt, to, COUNT, from, end));
    if (to !== addressOf(out)) dataPlace.get(out, end);
    return true;
  }

  deriveIv(nonce: Uint8Array, iv: Uint8Array): void {
    const ssl = this.#alive();
    if (this.#encrypt === null) return;
    iv.fill(0);
    iv.set(nonce);
    const at = ivPlace.put(iv);
    // one block of CBC with IV 0 is the block cipher itself
    done('set an IV', ssl.EVP_EncryptInit_ex(this.#encrypt, 0, 0, 0, ZEROS));
    done('encrypt', ssl.EVP_EncryptUpdate(this.#encrypt, at, COUNT, at, iv.length));
    ivPlace.get(iv, iv.length);
  }

  destroy(): void {
    this.#contexts.free();
    this.#digest.fill(0);
  }

  /** over `aad`, `iv` and `length` octets at `data`; to `smallPlace` */
  #mac(ssl: OpenSsl, context: Address, aad: Uint8Array, iv: Uint8Array, data: Address, length: number): void {
    done('restart an HMAC', ssl.HMAC_Init_ex(context, 0, 0, 0, 0));
    done('authenticate', ssl.HMAC_Update(context, aadPlace.put(aad), aad.length));
    if (iv.length > 0) done('authenticate', ssl.HMAC_Update(context, ivPlace.put(iv), iv.length));
    if (length > 0) done('authenticate', ssl.HMAC_Update(context, data, length));
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
