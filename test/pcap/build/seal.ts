/**
 * Encrypts the straightforward way, one cipher and one createHmac per message. Shares only the key types with the code
 * under test.
 */
import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import type { Encryption, Integrity } from '../../../src/types/keys.ts';

const HASHES: Partial<{ [K in Integrity]: [string, number, number] }> = {
  sha1: ['sha1', 12, 20],
  sha256: ['sha256', 16, 32],
  sha384: ['sha384', 24, 48],
  sha512: ['sha512', 32, 64],
};

/** Octets of key material: cipher (with salt) and HMAC. */
export function keySizes(encr: Encryption, integ: Integrity): { encr: number; integ: number } {
  const bits = Number(/^aes(\d+)/.exec(encr)?.[1] ?? 0);
  const salt = /gcm|ctr|chacha/.test(encr) ? 4 : 0;
  const size = encr === '3des' ? 24 : encr === 'chacha20poly1305' ? 32 : bits / 8;
  return { encr: size + salt, integ: HASHES[integ]?.[2] ?? 0 };
}

const isAead = (encr: Encryption) => /gcm|chacha/.test(encr);
const tagSize = (encr: Encryption) => Number(/gcm(\d+)$/.exec(encr)?.[1] ?? 16);

/** Octets the plaintext must be a multiple of. */
export const blockSize = (encr: Encryption) => (encr === '3des' ? 8 : /^aes\d+$/.test(encr) ? 16 : 1);
export const ivSize = (encr: Encryption) => (encr === 'null' ? 0 : /^aes\d+$/.test(encr) ? 16 : 8);
export const icvSize = (encr: Encryption, integ: Integrity) => (isAead(encr) ? tagSize(encr) : (HASHES[integ]?.[1] ?? 0));

export interface SealKeys {
  encr: Encryption;
  encrKey: Uint8Array;
  integ: Integrity;
  integKey: Uint8Array;
}

/** `head` | IV | ciphertext | ICV, with `head` authenticated. `esnHigh`: RFC 4303's high sequence number, in the ICV only. */
export function seal(
  keys: SealKeys,
  head: Buffer,
  plain: Uint8Array,
  esnHigh?: number,
  iv: Buffer = randomBytes(ivSize(keys.encr)),
): Buffer {
  const { encr, encrKey, integ, integKey } = keys;
  const high = esnHigh === undefined ? Buffer.alloc(0) : Buffer.of(0, 0, 0, esnHigh);
  if (isAead(encr)) {
    const [key, salt] = [encrKey.subarray(0, -4), encrKey.subarray(-4)];
    const name = encr === 'chacha20poly1305' ? 'chacha20-poly1305' : `aes-${key.length * 8}-gcm`;
    const cipher = createCipheriv(name as 'aes-128-gcm', key, Buffer.concat([salt, iv]), { authTagLength: tagSize(encr) });
    cipher.setAAD(Buffer.concat([head.subarray(0, 4), high, head.subarray(4)]), { plaintextLength: plain.length });
    const data = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([head, iv, data, cipher.getAuthTag()]);
  }
  const message = Buffer.concat([head, iv, encipher(encr, encrKey, iv, plain)]);
  const mac = HASHES[integ];
  if (mac === undefined) return message;
  const icv = createHmac(mac[0], integKey).update(message).update(high).digest().subarray(0, mac[1]);
  return Buffer.concat([message, icv]);
}

function encipher(encr: Encryption, key: Uint8Array, iv: Buffer, plain: Uint8Array): Uint8Array {
  if (encr === 'null') return plain;
  if (encr.endsWith('ctr')) {
    const counter = Buffer.concat([key.subarray(-4), iv, Buffer.of(0, 0, 0, 1)]);
    return createCipheriv(`aes-${(key.length - 4) * 8}-ctr`, key.subarray(0, -4), counter).update(plain);
  }
  const name = encr === '3des' ? 'des-ede3-cbc' : `aes-${key.length * 8}-cbc`;
  return createCipheriv(name, key, iv).setAutoPadding(false).update(plain);
}
