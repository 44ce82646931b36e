/**
 * BSD loopback: four octets of address family, in the byte order of the capturing host (null) or the network's
 * (loop). Families are small numbers, so the order shows itself. AF_INET6 differs per system.
 */
import type { Packet } from '../../types/packet.ts';

const IPV4 = 2;
const IPV6 = new Set([10, 24, 28, 30]);

export function family(_packet: Packet, b: Buffer): number {
  if (b.length < 5) return -1;
  const value = b[0] === 0 && b[1] === 0 ? b.readUInt32BE(0) : b.readUInt32LE(0);
  const version = b[4]! >> 4;
  return (value === IPV4 && version === 4) || (IPV6.has(value) && version === 6) ? 4 : -1;
}
