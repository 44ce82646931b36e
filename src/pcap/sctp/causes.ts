/** Error causes (RFC 9260 section 3.3.10) in ABORT, ERROR and the Error Cause Indication of ASCONF-ACK. */
import type { SctpCause } from '../../types/sctp.ts';
import { causeName } from './names.ts';
import { tlvs } from './tlv.ts';

/** Those in octets `start` to `end`, or why they do not hold. */
export function decodeCauses(b: Buffer, start: number, end: number): SctpCause[] | string {
  const causes = tlvs(b, start, end);
  if (typeof causes === 'string') return causes;
  return causes.map(({ type, length }) => ({ code: type, name: causeName(type), length }));
}
