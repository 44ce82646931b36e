/** What a receiver checks of a datagram after decryption (RFC 4301 section 5.2): its length, and that the SA is for its addresses. */
import { IPV4_HEADER } from './header.ts';
import { u16, u32 } from './octets.ts';
import type { Reason } from './refusal.ts';

/** IPv4 addresses an SA is for, `address` as a 32-bit number. */
export interface Selector {
  readonly address: number;
  readonly prefix: number;
}

export interface InnerChecks {
  /** exact: as long as the header says; at-most: shorter than what was protected is trimmed (RFC 4303 section 2.7); default: see `open` */
  readonly totalLength?: 'exact' | 'at-most' | 'unchecked';
  readonly source?: Selector;
  readonly destination?: Selector;
}

export const matches = ({ address, prefix }: Selector, candidate: number): boolean =>
  prefix <= 0 || (address ^ candidate) >>> 0 < 2 ** (32 - prefix);

/** The length of the datagram in `b[0, length)`, or what is wrong with it. */
export function checkInner(b: Uint8Array, length: number, checks: InnerChecks): number | Reason {
  const { totalLength = 'exact', source, destination } = checks;
  if (totalLength === 'unchecked' && source === undefined && destination === undefined) return length;
  if (length < IPV4_HEADER || b[0]! >>> 4 !== 4) return 'bad-inner';
  const claimed = u16(b, 2);
  let octets = length;
  if (totalLength !== 'unchecked') {
    if (claimed < IPV4_HEADER || claimed > length || (totalLength === 'exact' && claimed !== length)) return 'bad-total-length';
    octets = claimed;
  }
  if (source !== undefined && !matches(source, u32(b, 12))) return 'wrong-selector';
  if (destination !== undefined && !matches(destination, u32(b, 16))) return 'wrong-selector';
  return octets;
}
