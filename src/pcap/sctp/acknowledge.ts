/** What tells the peer how far it is: SACK (RFC 9260 section 3.3.4), SHUTDOWN (3.3.8), FORWARD-TSN (RFC 3758 section 3.2). */
import type { SctpForwardTsn, SctpSack, SctpShutdown } from '../../types/sctp.ts';

/** Each takes the value of the chunk, octets `start` to `end`, and says why when it does not hold. */
export function decodeSack(b: Buffer, start: number, end: number): SctpSack | string {
  if (end - start < 12) return 'too short for SACK';
  const blocks = b.readUInt16BE(start + 8);
  const repeated = b.readUInt16BE(start + 10);
  if (12 + 4 * (blocks + repeated) > end - start) return 'more gap blocks and duplicates than octets';
  const gaps: SctpSack['gaps'] = [];
  const duplicates: number[] = [];
  let at = start + 12;
  for (let i = 0; i < blocks; i++, at += 4) gaps.push({ start: b.readUInt16BE(at), end: b.readUInt16BE(at + 2) });
  for (let i = 0; i < repeated; i++, at += 4) duplicates.push(b.readUInt32BE(at));
  return { kind: 'sack', cumulativeTsn: b.readUInt32BE(start), rwnd: b.readUInt32BE(start + 4), gaps, duplicates };
}

export function decodeShutdown(b: Buffer, start: number, end: number): SctpShutdown | string {
  return end - start < 4 ? 'too short for SHUTDOWN' : { kind: 'shutdown', cumulativeTsn: b.readUInt32BE(start) };
}

export function decodeForwardTsn(b: Buffer, start: number, end: number): SctpForwardTsn | string {
  if (end - start < 4) return 'too short for FORWARD-TSN';
  if ((end - start) % 4 !== 0) return 'half a stream';
  const streams: SctpForwardTsn['streams'] = [];
  for (let at = start + 4; at < end; at += 4) streams.push({ stream: b.readUInt16BE(at), ssn: b.readUInt16BE(at + 2) });
  return { kind: 'forward-tsn', tsn: b.readUInt32BE(start), streams };
}
