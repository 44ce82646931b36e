/** Linux "cooked" captures (LINKTYPE_LINUX_SLL and SLL2), what `tcpdump -i any` writes. They know the direction. */
import type { Packet } from '../../types/packet.ts';
import { afterEtherType } from './ethertype.ts';

/** PACKET_OUTGOING of linux/if_packet.h */
const OUTGOING = 4;

export function cooked1(packet: Packet, b: Buffer): number {
  if (b.length < 16) return -1;
  packet.direction = ((b[0]! << 8) | b[1]!) === OUTGOING ? 'out' : 'in';
  return afterEtherType(b, 14, 16);
}

export function cooked2(packet: Packet, b: Buffer): number {
  if (b.length < 20) return -1;
  packet.direction = b[10]! === OUTGOING ? 'out' : 'in';
  return afterEtherType(b, 0, 20);
}
