/** What protects one zone: algorithms of ESP (RFC 4106, 3602, 2410, 2451 with RFC 2404, 4868) and their sizes in octets. */

export interface Suite {
  readonly name: string;
  readonly kind: 'aead' | 'cbc' | 'null';
  /** OpenSSL's name of the cipher; empty for NULL */
  readonly cipher: string;
  /** OpenSSL's name of the same cipher without chaining, for CBC */
  readonly block: string;
  readonly encKey: number;
  readonly salt: number;
  readonly iv: number;
  /** the plaintext with its trailer is a multiple of this (RFC 4303 section 2.4: at least 4) */
  readonly align: number;
  /** 0: nothing is authenticated */
  readonly icv: number;
  readonly hash: 'sha1' | 'sha256' | null;
  readonly authKey: number;
  /** only for showing what the paper had: malleable, or 64-bit blocks */
  readonly fidelityOnly: boolean;
}

type Mac = Pick<Suite, 'icv' | 'hash' | 'authKey'>;
const NONE: Mac = { icv: 0, hash: null, authKey: 0 };
const SHA1_96: Mac = { icv: 12, hash: 'sha1', authKey: 20 };
const SHA256_128: Mac = { icv: 16, hash: 'sha256', authKey: 32 };

const gcm = (bits: number) => ({
  kind: 'aead' as const,
  cipher: `aes-${bits}-gcm`,
  block: '',
  encKey: bits / 8,
  salt: 4,
  iv: 8,
  align: 4,
  icv: 16,
  hash: null,
  authKey: 0,
  fidelityOnly: false,
});
const cbc = (bits: number, mac: Mac) => ({
  kind: 'cbc' as const,
  cipher: `aes-${bits}-cbc`,
  block: `aes-${bits}-ecb`,
  encKey: bits / 8,
  salt: 0,
  iv: 16,
  align: 16,
  ...mac,
  fidelityOnly: false,
});
const tripleDes = (mac: Mac) => ({
  kind: 'cbc' as const,
  cipher: 'des-ede3-cbc',
  block: 'des-ede3',
  encKey: 24,
  salt: 0,
  iv: 8,
  align: 8,
  ...mac,
  fidelityOnly: true,
});
const nothing = (mac: Mac) => ({
  kind: 'null' as const,
  cipher: '',
  block: '',
  encKey: 0,
  salt: 0,
  iv: 0,
  align: 4,
  ...mac,
  fidelityOnly: false,
});

const TABLE = {
  'aes128-gcm16': gcm(128),
  'aes256-gcm16': gcm(256),
  'aes128-cbc/sha1-96': cbc(128, SHA1_96),
  'aes128-cbc/sha256-128': cbc(128, SHA256_128),
  'aes256-cbc/sha1-96': cbc(256, SHA1_96),
  'aes256-cbc/sha256-128': cbc(256, SHA256_128),
  'null/sha1-96': nothing(SHA1_96),
  'null/sha256-128': nothing(SHA256_128),
  '3des-cbc/none': tripleDes(NONE),
  '3des-cbc/sha1-96': tripleDes(SHA1_96),
};

export type SuiteName = keyof typeof TABLE;
export const SUITE_NAMES = Object.keys(TABLE) as SuiteName[];

/**
 * The suite of this name. Throws a TypeError for an unknown one, and for 3DES without `fidelity`: 64-bit blocks give plaintext away after
 * 2^32 of them (RFC 7321 section 2.1), and without an ICV whoever is on the path edits headers.
 */
export function suiteNamed(name: string, { fidelity = false }: { fidelity?: boolean } = {}): Suite {
  if (!Object.hasOwn(TABLE, name)) throw new TypeError(`no suite ${JSON.stringify(name)}; there are ${SUITE_NAMES.join(', ')}`);
  const suite: Suite = { name, ...TABLE[name as SuiteName] };
  if (suite.fidelityOnly && !fidelity) throw new TypeError(`${name} is only for fidelity to the paper and must be asked for as such`);
  return suite;
}
