/** Key material of one zone's SA. It appears in no error and no text. */
import type { Suite } from './suites.ts';

export interface ZoneKeys {
  readonly enc: Uint8Array;
  /** of AEADs (RFC 4106 section 4), else empty */
  readonly salt: Uint8Array;
  /** of the HMAC, empty when the suite has none */
  readonly auth: Uint8Array;
}

/** Octets of key material a suite takes: cipher, salt, HMAC, in the order IKE derives them (RFC 7296 section 2.17). */
export const keyLength = (suite: Suite): number => suite.encKey + suite.salt + suite.authKey;

/** Cuts key material of `keyLength(suite)` octets into copies. Throws a RangeError when there are more or fewer. */
export function splitKeys(suite: Suite, material: Uint8Array): ZoneKeys {
  if (material.length !== keyLength(suite)) throw new RangeError(`${suite.name} takes ${keyLength(suite)} octets of key material`);
  const salt = suite.encKey;
  const auth = salt + suite.salt;
  return { enc: copy(material.subarray(0, salt)), salt: copy(material.subarray(salt, auth)), auth: copy(material.subarray(auth)) };
}

export const copyKeys = ({ enc, salt, auth }: ZoneKeys): ZoneKeys => ({ enc: copy(enc), salt: copy(salt), auth: copy(auth) });

// not slice: a Buffer's shares its memory
const copy = (octets: Uint8Array): Uint8Array => new Uint8Array(octets);

/** Throws a RangeError when a key has not the length its algorithm takes. */
export function checkKeys(suite: Suite, keys: ZoneKeys): void {
  if (keys.enc.length !== suite.encKey) throw new RangeError(`${suite.name} takes a key of ${suite.encKey} octets`);
  if (keys.salt.length !== suite.salt) throw new RangeError(`${suite.name} takes a salt of ${suite.salt} octets`);
  if (keys.auth.length !== suite.authKey) throw new RangeError(`${suite.name} takes an integrity key of ${suite.authKey} octets`);
}

export function wipeKeys(keys: ZoneKeys): void {
  keys.enc.fill(0);
  keys.salt.fill(0);
  keys.auth.fill(0);
}
