/** Inner datagrams of any length, with right checksums. */
import { checksum, ipv4 } from '../../pcap/build/net.ts';
import { octets } from './peers.ts';

export const HOME = '10.5.0.7';
export const PEER = '10.8.0.1';

/** The TCP checksum of a datagram without IPv4 options, computed from nothing. */
export function tcpChecksum(datagram: Uint8Array): number {
  const tcp = Buffer.from(datagram.subarray(20));
  tcp.writeUInt16BE(0, 16);
  return checksum(Buffer.concat([datagram.subarray(12, 20), Buffer.of(0, 6, tcp.length >> 8, tcp.length & 255), tcp]));
}

/** An IPv4 datagram of `length` octets: TCP, or an unknown protocol where there is no room for it. */
export function datagram(length: number, { src = HOME, dst = PEER, label = 'data' } = {}): Buffer {
  if (length < 40) return ipv4({ src, dst, protocol: 253 }, octets(label, length - 20));
  const tcp = Buffer.concat([Buffer.alloc(20), octets(label, length - 40)]);
  tcp.writeUInt16BE(40_000, 0);
  tcp.writeUInt16BE(80, 2);
  tcp.writeUInt32BE(1_000_000 + length, 4);
  tcp.writeUInt32BE(77, 8);
  tcp[12] = 0x50;
  tcp[13] = 0x18;
  tcp.writeUInt16BE(8192, 14);
  const packet = ipv4({ src, dst, protocol: 6 }, tcp);
  packet.writeUInt16BE(tcpChecksum(packet), 36);
  return packet;
}
