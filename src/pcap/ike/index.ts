/**
 * IKEv2 messages (RFC 7296 section 3.1): header, payloads, and through SK or SKF when the keys are known.
 * `decrypted` is also true for a message with nothing encrypted (IKE_SA_INIT). A fragment that was opened but does not
 * complete its message has `payloads` [53]; the one that completes it carries everything.
 */
import type { IkeInfo } from '../../types/packet.ts';
import type { KeyRing } from '../keys/ring.ts';
import { PAYLOAD } from './names.ts';
import { type Encrypted, walkPayloads } from './payloads.ts';
import type { IkeSa } from './sa.ts';

const HEADER = 28;
const FLAG_INITIATOR = 0x08;
const FLAG_RESPONSE = 0x20;

/** null when the octets are not an IKEv2 header. */
export function decodeIke(b: Buffer, start: number, end: number, keys: KeyRing | null): IkeInfo | null {
  if (end - start < HEADER || b[start + 17]! >> 4 !== 2) return null;
  const flags = b[start + 19]!;
  const info: IkeInfo = {
    initiatorSpi: b.toString('hex', start, start + 8),
    responderSpi: b.toString('hex', start + 8, start + 16),
    exchange: b[start + 18]!,
    messageId: b.readUInt32BE(start + 20),
    response: (flags & FLAG_RESPONSE) !== 0,
    fromInitiator: (flags & FLAG_INITIATOR) !== 0,
    decrypted: false,
    payloads: [],
    notifies: [],
  };
  const length = b.readUInt32BE(start + 24);
  if (length < HEADER || length > end - start) return info;
  const last = start + length;
  const encrypted = walkPayloads(info, b, start + HEADER, last, b[start + 16]!);
  if (encrypted === null) info.decrypted = true;
  else open(info, b, start, encrypted, last, keys?.ike(info.initiatorSpi, info.responderSpi) ?? null);
  return info;
}

function open(info: IkeInfo, b: Buffer, start: number, encrypted: Encrypted, last: number, sa: IkeSa | null): void {
  const fragmented = encrypted.type === PAYLOAD.SKF;
  const ivAt = encrypted.start + (fragmented ? 4 : 0);
  // SK is the last payload (3.14): its ICV ends the message
  const plain = sa === null || encrypted.end !== last || ivAt > last ? null : decrypt(sa, info, b, start, ivAt, last);
  if (sa === null || plain === null) {
    info.payloads.push(encrypted.type);
    info.notifies = [];
    return;
  }
  info.decrypted = true;
  if (!fragmented) {
    walkPayloads(info, plain, 0, plain.length, encrypted.inner);
    return;
  }
  const message = `${info.fromInitiator} ${info.response} ${info.messageId}`;
  const [number, total] = [b.readUInt16BE(encrypted.start), b.readUInt16BE(encrypted.start + 2)];
  const whole = sa.fragments.add(message, number, total, encrypted.inner, plain);
  if (whole === null) info.payloads.push(PAYLOAD.SKF);
  else walkPayloads(info, whole.plain, 0, whole.plain.length, whole.first);
}

/** Payloads without padding and pad length; null when the ICV or the padding is wrong. */
function decrypt(sa: IkeSa, info: IkeInfo, b: Buffer, start: number, ivAt: number, last: number): Buffer | null {
  const opened = sa.suite(info.fromInitiator).open(b, start, ivAt, last);
  if (opened === null || opened.plain.length === 0) return null;
  const size = opened.plain.length - 1 - opened.plain[opened.plain.length - 1]!;
  return size < 0 ? null : opened.plain.subarray(0, size);
}
