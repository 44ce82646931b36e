/** TCP packets and the super-segments a kernel would hand over instead, built from nothing that is under test. */
import { checksum, ipv4 } from '../../pcap/build/net.ts';

export interface Stream {
  src: string;
  dst: string;
  seq: number;
  ack: number;
  flags: number;
  identification: number;
  tos: number;
  window: number;
  /** octets of TCP options, a multiple of 4 */
  options: Uint8Array;
  payload: Uint8Array;
}

export const STREAM: Stream = {
  ...{ src: '10.9.0.1', dst: '10.9.0.2', seq: 0xffff_f000, ack: 77, flags: 0x10, identification: 0xfffe, tos: 0, window: 500 },
  ...{ options: Uint8Array.of(1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8), payload: new Uint8Array(1000).map((_, i) => i * 7) },
};

/** The TCP checksum of an IPv4 packet, or of its pseudo header alone. */
export function tcpSum(packet: Uint8Array, header: number, isPseudo = false): number {
  const tcp = Buffer.from(packet.subarray(header));
  tcp.writeUInt16BE(0, 16);
  const pseudo = Buffer.concat([packet.subarray(12, 20), Buffer.of(0, 6, tcp.length >> 8, tcp.length & 255)]);
  return isPseudo ? ~checksum(pseudo) & 0xffff : checksum(Buffer.concat([pseudo, tcp]));
}

/** One TCP packet with right checksums. */
export function tcpPacket(given: Partial<Stream> = {}): Buffer {
  const { src, dst, seq, ack, flags, identification, tos, window, options, payload } = { ...STREAM, ...given };
  const tcp = Buffer.alloc(20 + options.length);
  tcp.writeUInt16BE(40_000, 0);
  tcp.writeUInt16BE(5201, 2);
  tcp.writeUInt32BE(seq >>> 0, 4);
  tcp.writeUInt32BE(ack, 8);
  tcp[12] = ((20 + options.length) / 4) << 4;
  tcp[13] = flags;
  tcp.writeUInt16BE(window, 14);
  tcp.set(options, 20);
  const packet = ipv4({ src, dst, protocol: 6 }, Buffer.concat([tcp, payload]));
  packet[1] = tos;
  packet.writeUInt16BE(identification & 0xffff, 4);
  packet.writeUInt16BE(0x4000, 6);
  packet.writeUInt16BE(0, 10);
  packet.writeUInt16BE(checksum(packet.subarray(0, 20)), 10);
  packet.writeUInt16BE(tcpSum(packet, 20), 36);
  return packet;
}

/** Behind a virtio_net_hdr, with the sum of the pseudo header where the checksum goes, to be cut at `size`. */
export function superSegment(given: Partial<Stream>, size: number, gsoType = 1): Uint8Array {
  const packet = tcpPacket(given);
  packet.writeUInt16BE(tcpSum(packet, 20, true), 36);
  const vnet = Buffer.alloc(10);
  vnet[0] = 1;
  vnet[1] = gsoType;
  vnet.writeUInt16LE(20 + (packet[32]! >> 4) * 4, 2);
  vnet.writeUInt16LE(size, 4);
  vnet.writeUInt16LE(20, 6);
  vnet.writeUInt16LE(16, 8);
  return new Uint8Array(Buffer.concat([vnet, packet]));
}

/** What segmentation must make of a stream, packet by packet. */
export function cut(given: Partial<Stream>, size: number): Buffer[] {
  const stream = { ...STREAM, ...given };
  const { payload, flags } = stream;
  const count = Math.max(1, Math.ceil(payload.length / size));
  return Array.from({ length: count }, (_, i) => {
    const isLast = i === count - 1;
    return tcpPacket({
      ...stream,
      seq: stream.seq + i * size,
      identification: stream.identification + i,
      flags: flags & (isLast ? 0xff : ~0x09) & (i === 0 ? 0xff : ~0x80),
      payload: payload.subarray(i * size, (i + 1) * size),
    });
  });
}
