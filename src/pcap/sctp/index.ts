/**
 * SCTP (RFC 9260), with address reconfiguration (RFC 5061), partial reliability (RFC 3758) and padding (RFC 4820). Any
 * octets decode; what does not hold is kept as the last chunk, with the reason.
 */
import type { Packet } from '../../types/packet.ts';
import { view } from '../packet.ts';
import { decodeChunks } from './chunks.ts';
import { sctpChecksum } from './crc32c.ts';

const HEADER = 12;

/** Fills in ports, `sctp` and the octets as they are; `whole`: `end` is where the packet ends, nothing was cut off. */
export function decodeSctp(packet: Packet, b: Buffer, start: number, end: number, whole: boolean): void {
  packet.payload = view(b, start, end);
  if (end - start < HEADER) return;
  packet.srcPort = (b[start]! << 8) | b[start + 1]!;
  packet.dstPort = (b[start + 2]! << 8) | b[start + 3]!;
  // the register's octets go out lowest first (RFC 9260 appendix A)
  const stated = b.readUInt32LE(start + 8);
  packet.sctp = {
    tag: b.readUInt32BE(start + 4),
    checksum: whole && stated !== 0 ? stated === sctpChecksum(b, start, end) : null,
    chunks: decodeChunks(b, start + HEADER, end, whole),
  };
}
