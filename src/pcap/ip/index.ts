/** IP of either version: the version nibble decides. A header that does not hold leaves `ipVersion` 0. */
import type { Packet } from '../../types/packet.ts';
import type { Secured } from '../packet.ts';
import { decodeIpv4 } from './v4.ts';
import { decodeIpv6 } from './v6.ts';

/** `depth` counts the ESP layers around this header. */
export function decodeIp(packet: Packet, b: Buffer, start: number, end: number, secured: Secured, depth: number): void {
  if (start >= end) return;
  const version = b[start]! >> 4;
  if (version === 4) decodeIpv4(packet, b, start, end, secured, depth);
  else if (version === 6) decodeIpv6(packet, b, start, end, secured, depth);
}
