/** INIT and INIT-ACK (RFC 9260 sections 3.3.2 and 3.3.3). */
import type { SctpInit } from '../../types/sctp.ts';
import { addressText, isAddress } from './address.ts';
import { PARAMETER, parameterName } from './names.ts';
import { tlvs } from './tlv.ts';

/** The value of the chunk, octets `start` to `end`, or why it does not hold. */
export function decodeInit(b: Buffer, start: number, end: number): SctpInit | string {
  if (end - start < 16) return 'too short for INIT';
  const parameters = tlvs(b, start + 16, end);
  if (typeof parameters === 'string') return parameters;
  const addresses: string[] = [];
  const extensions: number[] = [];
  for (const one of parameters) {
    if (isAddress(one)) {
      const address = addressText(b, one);
      if (address === null) return 'address of a wrong length';
      addresses.push(address);
    } else if (one.type === PARAMETER['Supported Extensions']) {
      for (let at = one.start; at < one.end; at++) extensions.push(b[at]!);
    }
  }
  return {
    kind: 'init',
    initiateTag: b.readUInt32BE(start),
    rwnd: b.readUInt32BE(start + 4),
    outboundStreams: b.readUInt16BE(start + 8),
    inboundStreams: b.readUInt16BE(start + 10),
    tsn: b.readUInt32BE(start + 12),
    addresses,
    extensions,
    parameters: parameters.map(({ type, length }) => ({ type, name: parameterName(type), length })),
  };
}
