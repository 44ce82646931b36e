/** Which header of a packet an octet belongs to. */
import type { Packet } from '../types/packet.ts';

/** `ipAt`: where IP starts in the frame, -1 when there is none. Names are for people. */
export function layerAt(data: Uint8Array, packet: Packet, ipAt: number, offset: number): string {
  if (ipAt < 0 || packet.ipVersion === 0) return 'frame';
  if (offset < ipAt) return 'link header';
  const ipEnd = ipAt + (packet.ipVersion === 4 ? (data[ipAt]! & 15) * 4 : 40);
  if (offset < ipEnd) return `IPv${packet.ipVersion} header`;
  // behind extension headers nobody has said where the next one starts
  if (packet.ipVersion === 6 && data[ipAt + 6] !== packet.protocol) return 'behind the IPv6 header';
  if (packet.protocol === 17) return offset < ipEnd + 8 ? 'UDP header' : inUdp(packet, offset - ipEnd - 8);
  if (packet.protocol === 50) return inEsp(offset - ipEnd);
  if (packet.protocol === 6) return offset < ipEnd + 20 ? 'TCP header' : 'TCP options or payload';
  return 'payload';
}

function inUdp(packet: Packet, offset: number): string {
  if (packet.esp !== null) return inEsp(offset);
  if (packet.ike === null) return 'UDP payload';
  const marker = packet.srcPort === 4500 || packet.dstPort === 4500 ? 4 : 0;
  if (offset < marker) return 'non-ESP marker';
  return offset < marker + 28 ? 'IKE header' : 'IKE payloads';
}

function inEsp(offset: number): string {
  return offset < 8 ? 'ESP header' : 'ESP, encrypted part';
}
