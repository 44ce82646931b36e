/** IPv4 addresses and networks as numbers. */
import type { Selector } from '../mlipsec/index.ts';

/** 32 bits; the text has been checked. */
export const ipv4 = (address: string): number => address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

/** `10.9.0.0/24`, or one address. */
export function network(cidr: string): Selector {
  const [address = '', prefix = '32'] = cidr.split('/');
  return { address: ipv4(address), prefix: Number(prefix) };
}
