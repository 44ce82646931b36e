/** ASCONF and ASCONF-ACK: addresses that come, go and become primary (RFC 5061 section 4). */
import type { SctpAsconf, SctpAsconfAck } from '../../types/sctp.ts';
import { addressText } from './address.ts';
import { decodeCauses } from './causes.ts';
import { PARAMETER, parameterName } from './names.ts';
import { type Tlv, tlvs } from './tlv.ts';

/** Both take the value of the chunk, octets `start` to `end`, and say why when it does not hold. */
export function decodeAsconf(b: Buffer, start: number, end: number): SctpAsconf | string {
  if (end - start < 4) return 'too short for ASCONF';
  const parameters = tlvs(b, start + 4, end);
  if (typeof parameters === 'string') return parameters;
  const address = parameters.length > 0 ? addressText(b, parameters[0]!) : null;
  if (address === null) return 'no address in front of the requests';
  const requests: SctpAsconf['requests'] = [];
  for (const one of parameters.slice(1)) {
    if (one.end - one.start < 4) return 'request without correlation ID';
    const about = requestAddress(b, one);
    if (about === undefined) return 'request without address';
    requests.push({ type: one.type, name: parameterName(one.type), correlation: b.readUInt32BE(one.start), address: about });
  }
  return { kind: 'asconf', serial: b.readUInt32BE(start), address, requests };
}

/** null for a request that is not about an address, undefined when it should have one. */
function requestAddress(b: Buffer, { type, start, end }: Tlv): string | null | undefined {
  switch (type) {
    case PARAMETER['Add IP Address']:
    case PARAMETER['Delete IP Address']:
    case PARAMETER['Set Primary IP Address']: {
      const inside = tlvs(b, start + 4, end);
      if (typeof inside === 'string' || inside.length !== 1) return undefined;
      return addressText(b, inside[0]!) ?? undefined;
    }
    default:
      return null;
  }
}

export function decodeAsconfAck(b: Buffer, start: number, end: number): SctpAsconfAck | string {
  if (end - start < 4) return 'too short for ASCONF-ACK';
  const parameters = tlvs(b, start + 4, end);
  if (typeof parameters === 'string') return parameters;
  const responses: SctpAsconfAck['responses'] = [];
  for (const { type, start: at, end: last } of parameters) {
    if (last - at < 4) return 'response without correlation ID';
    const causes = type === PARAMETER['Error Cause Indication'] ? decodeCauses(b, at + 4, last) : [];
    if (typeof causes === 'string') return causes;
    const success = type === PARAMETER['Success Indication'];
    responses.push({ type, name: parameterName(type), correlation: b.readUInt32BE(at), success, causes });
  }
  return { kind: 'asconf-ack', serial: b.readUInt32BE(start), responses };
}
