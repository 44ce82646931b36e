/** What is in a chunk that is there as a whole, by its type. */
import type { SctpContent, SctpErrors, SctpHeartbeat } from '../../types/sctp.ts';
import { decodeForwardTsn, decodeSack, decodeShutdown } from './acknowledge.ts';
import { decodeAsconf, decodeAsconfAck } from './asconf.ts';
import { decodeCauses } from './causes.ts';
import { decodeData } from './data.ts';
import { decodeInit } from './init.ts';
import { CHUNK, PARAMETER } from './names.ts';
import { tlvs } from './tlv.ts';

/** `start` to `end` is the chunk without its header and padding. null: nothing to tell; a string: why it does not hold. */
export function decodeContent(b: Buffer, type: number, flags: number, start: number, end: number): SctpContent | string | null {
  switch (type) {
    case CHUNK.DATA:
      return decodeData(b, flags, start, end, end);
    case CHUNK.INIT:
    case CHUNK['INIT-ACK']:
      return decodeInit(b, start, end);
    case CHUNK.SACK:
      return decodeSack(b, start, end);
    case CHUNK.HEARTBEAT:
    case CHUNK['HEARTBEAT-ACK']:
      return heartbeat(b, start, end);
    case CHUNK.ABORT:
    case CHUNK.ERROR:
      return errors(b, start, end);
    case CHUNK.SHUTDOWN:
      return decodeShutdown(b, start, end);
    case CHUNK['COOKIE-ECHO']:
      return { kind: 'cookie', octets: end - start };
    case CHUNK.ASCONF:
      return decodeAsconf(b, start, end);
    case CHUNK['ASCONF-ACK']:
      return decodeAsconfAck(b, start, end);
    case CHUNK['FORWARD-TSN']:
      return decodeForwardTsn(b, start, end);
    default:
      return null;
  }
}

function heartbeat(b: Buffer, start: number, end: number): SctpHeartbeat | string {
  const parameters = tlvs(b, start, end);
  if (typeof parameters === 'string') return parameters;
  const info = parameters[0];
  if (info?.type !== PARAMETER['Heartbeat Info']) return 'no heartbeat information';
  return { kind: 'heartbeat', octets: info.end - info.start };
}

function errors(b: Buffer, start: number, end: number): SctpErrors | string {
  const causes = decodeCauses(b, start, end);
  return typeof causes === 'string' ? causes : { kind: 'errors', causes };
}
