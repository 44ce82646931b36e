/** SaCipher on OpenSSL's EVP contexts. */
import { timingSafeEqual } from 'node:crypto';
import type { ZoneKeys } from '../keys.ts';
import type { Suite } from '../suites.ts';
import { type OpenSsl, openSsl, type Pointer } from './openssl.ts';
import type { CipherFactory, SaCipher } from './types.ts';

const GET_TAG = 0x10;
const SET_TAG = 0x11;
/** where OpenSSL writes how much it wrote */
const count = new Int32Array(1);
const ZEROS = new Uint8Array(16);
/** where the last step of a cipher without padding writes nothing */
const SINK = new Uint8Array(32);
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

  cipher(way: 'Encrypt' | 'Decrypt', name: string, key: Uint8Array): Pointer {
    const { ssl } = this;
    const context: Pointer = ssl.EVP_CIPHER_CTX_new();
    this.#free.push(() => ssl.EVP_CIPHER_CTX_free(context));
    const algorithm: Pointer = ssl.EVP_get_cipherbyname(name);
    if (algorithm === null) throw new Error(`OpenSSL has no ${name}`);
    done('set a key', ssl[`EVP_${way}Init_ex`](context, algorithm, null, key, null));
    ssl.EVP_CIPHER_CTX_set_padding(context, 0);
    return context;
  }

  hmac(hash: string, key: Uint8Array): Pointer {
    const { ssl } = this;
    const context: Pointer = ssl.HMAC_CTX_new();
    this.#free.push(() => ssl.HMAC_CTX_free(context));
    done('set an HMAC key', ssl.HMAC_Init_ex(context, key, key.length, ssl.EVP_get_digestbyname(hash), null));
    return context;
  }

  /** Freeing cleanses. */
  free(): void {
    for (const one of this.#free) one();
    this.#free = [];
  }
}

class Aead implements SaCipher {
  readonly #contexts: Contexts;
  readonly #icv: number;
  readonly #salt: number;
  readonly #nonce: Uint8Array;
  readonly #encrypt: Pointer;
  readonly #decrypt: Pointer;

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
    this.#nonce.set(iv, this.#salt);
    done('set an IV', ssl.EVP_EncryptInit_ex(context, null, null, null, this.#nonce));
    done('authenticate', ssl.EVP_EncryptUpdate(context, null, count, aad, aad.length));
    if (length > 0) done('encrypt', ssl.EVP_EncryptUpdate(context, out, count, plain, length));
    done('finish', ssl.EVP_EncryptFinal_ex(context, SINK, count));
    done('make a tag', ssl.EVP_CIPHER_CTX_ctrl(context, GET_TAG, this.#icv, out.subarray(length, length + this.#icv)));
  }

  open(aad: Uint8Array, iv: Uint8Array, sealed: Uint8Array, out: Uint8Array): boolean {
    const ssl = this.#alive();
    const context = this.#decrypt;
    const end = sealed.length - this.#icv;
    if (end < 0 || out.length < end) return false;
    this.#nonce.set(iv, this.#salt);
    done('set an IV', ssl.EVP_DecryptInit_ex(context, null, null, null, this.#nonce));
    done('authenticate', ssl.EVP_DecryptUpdate(context, null, count, aad, aad.length));
    if (end > 0) done('decrypt', ssl.EVP_DecryptUpdate(context, out, count, sealed, end));
    done('take a tag', ssl.EVP_CIPHER_CTX_ctrl(context, SET_TAG, this.#icv, sealed.subarray(end)));
    return ssl.EVP_DecryptFinal_ex(context, SINK, count) === 1;
  }

  deriveIv(nonce: Uint8Array, iv: Uint8Array): void {
    iv.set(nonce);
  }

  destroy(): void {
    this.#contexts.free();
    this.#nonce.fill(0);
  }

  #alive(): OpenSsl {
    if (this.#contexts.freed) throw new Error(GONE);
    return this.#contexts.ssl;
  }
}

class CipherThenMac implements SaCipher {
  readonly #contexts: Contexts;
  readonly #suite: Suite;
  readonly #encrypt: Pointer | null;
  readonly #decrypt: Pointer | null;
  readonly #hmac: Pointer | null;
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
    if (this.#encrypt === null) out.set(plain);
    else {
      done('set an IV', ssl.EVP_EncryptInit_ex(this.#encrypt, null, null, null, iv));
      if (length > 0) done('encrypt', ssl.EVP_EncryptUpdate(this.#encrypt, out, count, plain, length));
    }
    if (this.#hmac !== null) out.set(this.#mac(ssl, this.#hmac, aad, iv, out, length), length);
  }

  open(aad: Uint8Array, iv: Uint8Array, sealed: Uint8Array, out: Uint8Array): boolean {
    const ssl = this.#alive();
    const end = sealed.length - this.#suite.icv;
    if (end < 0 || end % this.#suite.align !== 0 || out.length < end) return false;
    if (this.#hmac !== null && !timingSafeEqual(this.#mac(ssl, this.#hmac, aad, iv, sealed, end), sealed.subarray(end))) return false;
    if (this.#decrypt === null) out.set(sealed.subarray(0, end));
    else {
      done('set an IV', ssl.EVP_DecryptInit_ex(this.#decrypt, null, null, null, iv));
      if (end > 0) done('decrypt', ssl.EVP_DecryptUpdate(this.#decrypt, out, count, sealed, end));
    }
    return true;
  }

  deriveIv(nonce: Uint8Array, iv: Uint8Array): void {
    const ssl = this.#alive();
    if (this.#encrypt === null) return;
    iv.fill(0);
    iv.set(nonce);
    // one block of CBC with IV 0 is the block cipher itself
    done('set an IV', ssl.EVP_EncryptInit_ex(this.#encrypt, null, null, null, ZEROS));
    done('encrypt', ssl.EVP_EncryptUpdate(this.#encrypt, iv, count, iv, iv.length));
  }

  destroy(): void {
    this.#contexts.free();
    this.#digest.fill(0);
  }

  /** over `aad`, `iv` and the first `length` octets of `data` */
  #mac(ssl: OpenSsl, context: Pointer, aad: Uint8Array, iv: Uint8Array, data: Uint8Array, length: number): Uint8Array {
    done('restart an HMAC', ssl.HMAC_Init_ex(context, null, 0, null, null));
    done('authenticate', ssl.HMAC_Update(context, aad, aad.length));
    if (iv.length > 0) done('authenticate', ssl.HMAC_Update(context, iv, iv.length));
    if (length > 0) done('authenticate', ssl.HMAC_Update(context, data, length));
    done('finish', ssl.HMAC_Final(context, this.#digest, count));
    return this.#digest.subarray(0, this.#suite.icv);
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
