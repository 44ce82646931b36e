/** Ethernet II. An 802.3 length instead of an EtherType means no IP. */
import type { Packet } from '../../types/packet.ts';
import { macText } from '../ip/addresses.ts';
import { afterEtherType } from './ethertype.ts';

export function ethernet(packet: Packet, b: Buffer): number {
  if (b.length < 14) return -1;
  packet.dstMac = macText(b, 0);
  packet.srcMac = macText(b, 6);
  return afterEtherType(b, 12, 14);
}
