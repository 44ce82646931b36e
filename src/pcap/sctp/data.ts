/** DATA (RFC 9260 section 3.3.1). */
import type { SctpData } from '../../types/sctp.ts';
import { view } from '../packet.ts';

const HEADER = 12;
const END = 1;
const BEGIN = 2;
const UNORDERED = 4;

/** `end` is where the chunk ends, `captured` where the octets do when that is earlier. */
export function decodeData(b: Buffer, flags: number, start: number, end: number, captured: number): SctpData | string {
  if (end - start < HEADER || captured - start < HEADER) return 'too short for DATA';
  return {
    kind: 'data',
    tsn: b.readUInt32BE(start),
    stream: b.readUInt16BE(start + 4),
    ssn: b.readUInt16BE(start + 6),
    ppid: b.readUInt32BE(start + 8),
    begin: (flags & BEGIN) !== 0,
    end: (flags & END) !== 0,
    unordered: (flags & UNORDERED) !== 0,
    octets: end - start - HEADER,
    payload: view(b, start + HEADER, Math.min(end, captured)),
  };
}
