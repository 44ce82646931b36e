/** IPv4 and IPv6 address parameters (RFC 9260 section 3.3.2.1). */
import { ipv4Text, ipv6Text } from '../ip/addresses.ts';
import { PARAMETER } from './names.ts';
import type { Tlv } from './tlv.ts';

export const isAddress = ({ type }: Tlv): boolean => type === PARAMETER['IPv4 Address'] || type === PARAMETER['IPv6 Address'];

/** The address as text; null when the parameter is none or does not have an address's length. */
export function addressText(b: Buffer, { type, length, start }: Tlv): string | null {
  if (type === PARAMETER['IPv4 Address'] && length === 8) return ipv4Text(b, start);
  if (type === PARAMETER['IPv6 Address'] && length === 20) return ipv6Text(b, start);
  return null;
}
