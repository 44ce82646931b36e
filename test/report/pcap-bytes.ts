/** Writes capture files octet by octet: nanosecond pcap, Ethernet, IPv4, UDP. */
import { EPOCH, payload } from '../metrics/build.ts';

export interface UdpFrame {
  /** ns since EPOCH */
  t: number;
  srcMac: string;
  dstMac: string;
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
  data: Uint8Array;
}

export function pcap(frames: { t: number; bytes: Buffer }[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b23c4d, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(1, 20);
  const records = frames.flatMap(({ t, bytes }) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(EPOCH + Math.floor(t / 1e9), 0);
    record.writeUInt32LE(t % 1e9, 4);
    record.writeUInt32LE(bytes.length, 8);
    record.writeUInt32LE(bytes.length, 12);
    return [record, bytes];
  });
  return Buffer.concat([header, ...records]);
}

export function udp({ t, srcMac, dstMac, src, dst, srcPort, dstPort, data }: UdpFrame): { t: number; bytes: Buffer } {
  const octets = (mac: string) => Buffer.from(mac.replaceAll(':', ''), 'hex');
  const head = Buffer.alloc(8);
  head.writeUInt16BE(srcPort, 0);
  head.writeUInt16BE(dstPort, 2);
  head.writeUInt16BE(8 + data.length, 4);
  return { t, bytes: Buffer.concat([octets(dstMac), octets(srcMac), Buffer.from([8, 0]), ip(src, dst, 17, Buffer.concat([head, data]))]) };
}

/** An Ethernet frame with ESP whose content nobody can read. */
export function esp(t: number, src: string, dst: string, spi: number, seq: number): { t: number; bytes: Buffer } {
  const body = Buffer.alloc(64, 0xaa);
  body.writeUInt32BE(spi, 0);
  body.writeUInt32BE(seq, 4);
  return { t, bytes: Buffer.concat([Buffer.alloc(12, 2), Buffer.from([8, 0]), ip(src, dst, 50, body)]) };
}

/** An IKE header (RFC 7296 section 3.1), after IKE_SA_INIT with an encrypted payload nobody can read. */
export function ikeHeader(exchange: number, flags: number, messageId: number): Buffer {
  const body = exchange === 34 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0, 0, 0, 36]), Buffer.alloc(32, 0xaa)]);
  const header = Buffer.alloc(28);
  header[16] = body.length > 0 ? 46 : 0;
  header.writeBigUInt64BE(0x1122334455667788n, 0);
  header.writeBigUInt64BE(exchange === 34 && (flags & 0x20) === 0 ? 0n : 0x99aabbccddeeff00n, 8);
  header[17] = 0x20;
  header[18] = exchange;
  header[19] = flags;
  header.writeUInt32BE(messageId, 20);
  header.writeUInt32BE(28 + body.length, 24);
  return Buffer.concat([header, body]);
}

function ip(src: string, dst: string, protocol: number, body: Buffer): Buffer {
  const head = Buffer.alloc(20);
  head[0] = 0x45;
  head.writeUInt16BE(20 + body.length, 2);
  head[8] = 64;
  head[9] = protocol;
  Buffer.from(src.split('.').map(Number)).copy(head, 12);
  Buffer.from(dst.split('.').map(Number)).copy(head, 16);
  return Buffer.concat([head, body]);
}

/** One packet of flow 0 as traffic sends it. */
export function flowData(seq: number, sent: number): Uint8Array {
  return payload(0, seq, sent);
}
