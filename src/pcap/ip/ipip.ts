/** IPv4 in IP (RFC 2003). */
import type { Packet } from '../../types/packet.ts';
import { MAX_DEPTH, newPacket, type Secured } from '../packet.ts';
import { decodeIpv4 } from './v4.ts';

/** The packet in `b[start, end)`; null without an IPv4 header there, and in a fragment. `depth`: layers around `outer`. */
export function innerIpv4(outer: Packet, b: Buffer, start: number, end: number, secured: Secured, depth: number): Packet | null {
  if (outer.fragment || depth >= MAX_DEPTH || end - start < 20 || b[start]! >> 4 !== 4) return null;
  const inner = newPacket(outer.t);
  inner.direction = outer.direction;
  decodeIpv4(inner, b, start, end, secured, depth + 1);
  return inner.ipVersion === 4 ? inner : null;
}
