/** IPv4 (RFC 791). Options are stepped over; only the first fragment has an upper layer to decode. */
import type { Packet } from '../../types/packet.ts';
import type { Secured } from '../packet.ts';
import { ipv4Text } from './addresses.ts';
import { decodeUpper } from './upper.ts';

export function decodeIpv4(packet: Packet, b: Buffer, start: number, end: number, secured: Secured, depth: number): void {
  if (end - start < 20) return;
  const header = (b[start]! & 15) * 4;
  if (header < 20 || start + header > end) return;
  // 0: segmentation offload left the length to the card
  const total = (b[start + 2]! << 8) | b[start + 3]!;
  const whole = total >= header && start + total <= end;
  const last = whole ? start + total : end;
  packet.ipVersion = 4;
  packet.length = total >= header ? total : end - start;
  packet.protocol = b[start + 9]!;
  packet.src = ipv4Text(b, start + 12);
  packet.dst = ipv4Text(b, start + 16);
  const fragment = (b[start + 6]! << 8) | b[start + 7]!;
  packet.fragment = (fragment & 0x3fff) !== 0;
  if ((fragment & 0x1fff) === 0) decodeUpper(packet, b, start + header, last, whole, secured, depth);
}
