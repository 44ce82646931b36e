/**
 * Session keys of one run, as strongSwan derives them and as Wireshark's tables carry them. Written by `ipsec/`,
 * read by `pcap/`. Algorithm ids follow strongSwan's proposal keywords: AES ids name the key size, AEADs their ICV
 * in octets; key material of CTR, GCM and ChaCha20 ends in its 4 octets of salt (RFC 3686, 4106, 7634).
 */

export const ENCRYPTIONS = [
  'null',
  '3des',
  'aes128',
  'aes192',
  'aes256',
  'aes128ctr',
  'aes192ctr',
  'aes256ctr',
  'aes128gcm8',
  'aes192gcm8',
  'aes256gcm8',
  'aes128gcm12',
  'aes192gcm12',
  'aes256gcm12',
  'aes128gcm16',
  'aes192gcm16',
  'aes256gcm16',
  'chacha20poly1305',
] as const;
export type Encryption = (typeof ENCRYPTIONS)[number];

/** HMACs with the ICV length IKE and ESP give them; `unchecked<n>` is an n-octet ICV whose key is not known. */
export const INTEGRITIES = [
  'none',
  'sha1',
  'sha1_160',
  'sha256_96',
  'sha256',
  'sha384',
  'sha512',
  'md5',
  'md5_128',
  'unchecked8',
  'unchecked12',
  'unchecked16',
  'unchecked24',
  'unchecked32',
] as const;
export type Integrity = (typeof INTEGRITIES)[number];

/** One IKE_SA. SPIs are 16 hex digits. */
export interface IkeKeys {
  initiatorSpi: string;
  responderSpi: string;
  skEi: Uint8Array;
  skEr: Uint8Array;
  encr: Encryption;
  skAi: Uint8Array;
  skAr: Uint8Array;
  integ: Integrity;
}

/** One direction of a CHILD_SA. `src` and `dst` are outer addresses at the time of derivation, or `*`. */
export interface EspKeys {
  src: string;
  dst: string;
  spi: number;
  encr: Encryption;
  encrKey: Uint8Array;
  integ: Integrity;
  integKey: Uint8Array;
}

/** One direction of a tunnel of the ESP helper, as its ends hold it, a foreign agent, or one who reads captures. */
export interface CsaKeys {
  /** outer addresses */
  src: string;
  dst: string;
  layout: 'P' | 'C';
  bind: 'none' | 'seq' | 'hdr';
  /** octets of the inner datagram at which zones 2, 3... begin; none: ordinary ESP */
  boundaries: number[];
  /** one per zone, the designated one first; null where the holder has no keys. `material`: hex, as mlipsec's splitKeys cuts it */
  sas: ({ spi: number; suite: string; material: string } | null)[];
}
