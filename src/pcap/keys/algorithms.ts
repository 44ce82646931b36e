/**
 * Algorithm names in Wireshark's two tables against our ids (types/keys.ts). The first name of an id is the one we
 * write, and is what tshark 4.0 accepts; reading ignores case and knows what strongSwan's save-keys writes too.
 */
import type { Encryption, Integrity } from '../../types/keys.ts';

const SIZES = [128, 192, 256] as const;

/** ikev2_decryption_table, encryption. */
export const IKE_ENCRYPTION: [string, Encryption][] = [
  ['NULL [RFC2410]', 'null'],
  ['3DES [RFC2451]', '3des'],
  ...SIZES.flatMap((bits): [string, Encryption][] => [
    [`AES-CBC-${bits} [RFC3602]`, `aes${bits}`],
    [`AES-CTR-${bits} [RFC5930]`, `aes${bits}ctr`],
    [`AES-GCM-${bits} with 16 octet ICV [RFC5282]`, `aes${bits}gcm16`],
    [`AES-GCM-${bits} with 12 octet ICV [RFC5282]`, `aes${bits}gcm12`],
    [`AES-GCM-${bits} with 8 octet ICV [RFC5282]`, `aes${bits}gcm8`],
  ]),
  ['ChaCha20-Poly1305 [RFC7634]', 'chacha20poly1305'],
];

/** ikev2_decryption_table, integrity. */
export const IKE_INTEGRITY: [string, Integrity][] = [
  ['NONE [RFC4306]', 'none'],
  ['HMAC_SHA1_96 [RFC2404]', 'sha1'],
  ['HMAC_SHA1_160 [RFC4595]', 'sha1_160'],
  ['HMAC_SHA2_256_96 [draft-ietf-ipsec-ciph-sha-256-00]', 'sha256_96'],
  ['HMAC_SHA2_256_128 [RFC4868]', 'sha256'],
  ['HMAC_SHA2_384_192 [RFC4868]', 'sha384'],
  ['HMAC_SHA2_512_256 [RFC4868]', 'sha512'],
  ['HMAC_MD5_96 [RFC2403]', 'md5'],
  ['HMAC_MD5_128 [RFC4595]', 'md5_128'],
];

/** esp_sa, encryption. One name covers all key sizes; the key's length decides (octets after '#', salt included). */
export const ESP_ENCRYPTION: [string, Encryption][] = [
  ['NULL#0', 'null'],
  ['TripleDES-CBC [RFC2451]#24', '3des'],
  ...SIZES.flatMap((bits): [string, Encryption][] => {
    const salted = bits / 8 + 4;
    return [
      [`AES-CBC [RFC3602]#${bits / 8}`, `aes${bits}`],
      [`AES-CTR [RFC3686]#${salted}`, `aes${bits}ctr`],
      [`AES-GCM with 16 octet ICV [RFC4106]#${salted}`, `aes${bits}gcm16`],
      [`AES-GCM with 12 octet ICV [RFC4106]#${salted}`, `aes${bits}gcm12`],
      [`AES-GCM with 8 octet ICV [RFC4106]#${salted}`, `aes${bits}gcm8`],
      // save-keys; the ICV's length is then in the integrity column
      [`AES-GCM [RFC4106]#${salted}`, `aes${bits}gcm16`],
    ];
  }),
  // Wireshark 4.2 and later
  ['ChaCha20 with Poly1305 [RFC7634]#36', 'chacha20poly1305'],
];

/** esp_sa, integrity. */
export const ESP_INTEGRITY: [string, Integrity][] = [
  ['NULL', 'none'],
  ['HMAC-SHA-1-96 [RFC2404]', 'sha1'],
  ['HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]', 'sha256_96'],
  ['HMAC-SHA-256-128 [RFC4868]', 'sha256'],
  ['HMAC-SHA-384-192 [RFC4868]', 'sha384'],
  ['HMAC-SHA-512-256 [RFC4868]', 'sha512'],
  ['HMAC-MD5-96 [RFC2403]', 'md5'],
  ['ANY 64 bit authentication [no checking]', 'unchecked8'],
  ['ANY 96 bit authentication [no checking]', 'unchecked12'],
  ['ANY 128 bit authentication [no checking]', 'unchecked16'],
  ['ANY 192 bit authentication [no checking]', 'unchecked24'],
  ['ANY 256 bit authentication [no checking]', 'unchecked32'],
];

/** Id by name, case ignored. */
export function byName<T>(table: [string, T][], name: string): T | undefined {
  const wanted = name.toLowerCase();
  return table.find(([known]) => known.toLowerCase() === wanted)?.[1];
}

/** The name we write for an id; undefined when the table has none for it. */
export function nameOf<T>(table: [string, T][], id: T): string | undefined {
  return table.find(([, known]) => known === id)?.[0].replace(/#\d+$/, '');
}
