/**
 * What each algorithm id of types/keys.ts means: node:crypto's name, sizes in octets. Behaviour follows from this
 * table; nothing else looks at the ids.
 */
import type { Encryption, Integrity } from '../../types/keys.ts';

export interface Cipher {
  kind: 'null' | 'cbc' | 'ctr' | 'aead';
  /** OpenSSL's name */
  name: string;
  key: number;
  salt: number;
  iv: number;
  /** AEAD tag */
  icv: number;
}

const cbc = (name: string, key: number, iv: number): Cipher => ({ kind: 'cbc', name, key, salt: 0, iv, icv: 0 });
// RFC 3686: 4 octets of nonce after the key; RFC 4106 the same, as salt
const ctr = (bits: number): Cipher => ({ kind: 'ctr', name: `aes-${bits}-ctr`, key: bits / 8, salt: 4, iv: 8, icv: 0 });
const gcm = (bits: number, icv: number): Cipher => ({ kind: 'aead', name: `aes-${bits}-gcm`, key: bits / 8, salt: 4, iv: 8, icv });

export const CIPHERS: Record<Encryption, Cipher> = {
  null: { kind: 'null', name: '', key: 0, salt: 0, iv: 0, icv: 0 },
  '3des': cbc('des-ede3-cbc', 24, 8),
  aes128: cbc('aes-128-cbc', 16, 16),
  aes192: cbc('aes-192-cbc', 24, 16),
  aes256: cbc('aes-256-cbc', 32, 16),
  aes128ctr: ctr(128),
  aes192ctr: ctr(192),
  aes256ctr: ctr(256),
  aes128gcm8: gcm(128, 8),
  aes192gcm8: gcm(192, 8),
  aes256gcm8: gcm(256, 8),
  aes128gcm12: gcm(128, 12),
  aes192gcm12: gcm(192, 12),
  aes256gcm12: gcm(256, 12),
  aes128gcm16: gcm(128, 16),
  aes192gcm16: gcm(192, 16),
  aes256gcm16: gcm(256, 16),
  chacha20poly1305: { kind: 'aead', name: 'chacha20-poly1305', key: 32, salt: 4, iv: 8, icv: 16 },
};

export interface Mac {
  /** OpenSSL's name of the hash; null when nothing can be checked */
  hash: string | null;
  key: number;
  /** block of the hash, for HMAC's padding */
  block: number;
  icv: number;
}

const hmac = (hash: string, key: number, block: number, icv: number): Mac => ({ hash, key, block, icv });
const unchecked = (icv: number): Mac => ({ hash: null, key: 0, block: 0, icv });

export const MACS: Record<Integrity, Mac> = {
  none: unchecked(0),
  sha1: hmac('sha1', 20, 64, 12),
  sha1_160: hmac('sha1', 20, 64, 20),
  sha256_96: hmac('sha256', 32, 64, 12),
  sha256: hmac('sha256', 32, 64, 16),
  sha384: hmac('sha384', 48, 128, 24),
  sha512: hmac('sha512', 64, 128, 32),
  md5: hmac('md5', 16, 64, 12),
  md5_128: hmac('md5', 16, 64, 16),
  unchecked8: unchecked(8),
  unchecked12: unchecked(12),
  unchecked16: unchecked(16),
  unchecked24: unchecked(24),
  unchecked32: unchecked(32),
};
