/** The payload chain (RFC 7296 section 3.2) and what we want of it: types in order, and notifies (3.10). */
import type { IkeInfo } from '../../types/packet.ts';
import { PAYLOAD } from './names.ts';

/** The encrypted payload a chain ended in; `inner` is the type of the first payload inside. */
export interface Encrypted {
  type: number;
  inner: number;
  start: number;
  end: number;
}

/**
 * Notes the payloads between `start` and `end` in `info`. The chain ends at type 0, at an encrypted payload (returned)
 * or where a length does not fit.
 */
export function walkPayloads(info: IkeInfo, b: Buffer, start: number, end: number, first: number): Encrypted | null {
  let [type, at] = [first, start];
  while (type !== 0 && at + 4 <= end) {
    const length = (b[at + 2]! << 8) | b[at + 3]!;
    if (length < 4 || at + length > end) return null;
    const body = { type, inner: b[at]!, start: at + 4, end: at + length };
    if (type === PAYLOAD.SK || type === PAYLOAD.SKF) return body;
    info.payloads.push(type);
    if (type === PAYLOAD.NOTIFY) notify(info, b, body.start, body.end);
    type = b[at]!;
    at += length;
  }
  return null;
}

function notify(info: IkeInfo, b: Buffer, start: number, end: number): void {
  const data = start + 4 + (b[start + 1] ?? 0);
  if (start + 4 > end || data > end) return;
  const spi = b.toString('hex', start + 4, data);
  info.notifies.push({ type: b.readUInt16BE(start + 2), protocol: b[start]!, spi, data: b.subarray(data, end) });
}
