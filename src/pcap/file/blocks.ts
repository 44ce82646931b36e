/**
 * The blocks of a pcapng file (draft-ietf-opsawg-pcapng): type, length, body, length again. This file cuts the byte
 * stream into them and hands over the ones whose type is wanted; others are skipped without being kept in memory.
 */
import { createReadStream } from 'node:fs';
import { CHUNK, MAX_CAPTURED, readError } from './types.ts';

export const SECTION = 0x0a0d0d0a;
export const INTERFACE = 1;
export const PACKET = 2;
export const SIMPLE = 3;
export const ENHANCED = 6;
const WANTED = new Set([SECTION, INTERFACE, PACKET, SIMPLE, ENHANCED]);
/** A wanted block holds one packet and its options, or an interface's. */
const MAX_BLOCK = MAX_CAPTURED + 65_536;

export interface Block {
  type: number;
  little: boolean;
  /** between the two lengths */
  body: Buffer;
}

/**
 * Calls `onBlock` for each wanted block. Resolves to null at a proper end of file, else to why reading stopped.
 * Throws E_PCAP_READ.
 */
export async function readBlocks(path: string, onBlock: (block: Block) => void): Promise<string | null> {
  let rest: Buffer = Buffer.alloc(0);
  let skip = 0;
  let little = true;
  const stream = createReadStream(path, { highWaterMark: CHUNK });
  const chunks = stream[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((cause: unknown) => {
      throw readError(path, cause);
    });
    if (next.done) break;
    let data: Buffer = rest.length === 0 ? next.value : Buffer.concat([rest, next.value]);
    const skipped = Math.min(skip, data.length);
    data = data.subarray(skipped);
    skip -= skipped;
    let at = 0;
    while (data.length - at >= 12) {
      const type = data.readUInt32LE(at);
      // a section header carries the byte order of its own length; its type reads the same both ways
      if (type === SECTION) {
        const order = data.readUInt32LE(at + 8);
        if (order !== 0x1a2b3c4d && order !== 0x4d3c2b1a) return stop(stream, 'section header without byte-order magic');
        little = order === 0x1a2b3c4d;
      }
      const u32 = (offset: number) => (little ? data.readUInt32LE(offset) : data.readUInt32BE(offset));
      const length = u32(at + 4);
      if (length < 12 || length % 4 !== 0) return stop(stream, `block of ${length} octets`);
      const wanted = WANTED.has(u32(at));
      if (wanted && length > MAX_BLOCK) return stop(stream, `block of ${length} octets, more than any packet needs`);
      if (!wanted && data.length - at < length) {
        skip = length - (data.length - at);
        at = data.length;
        break;
      }
      if (data.length - at < length) break;
      if (wanted) {
        if (u32(at + length - 4) !== length) return stop(stream, 'the two lengths of a block differ');
        onBlock({ type: u32(at), little, body: data.subarray(at + 8, at + length - 4) });
      }
      at += length;
    }
    rest = data.subarray(at);
  }
  return rest.length > 0 || skip > 0 ? 'the file ends inside a block' : null;
}

function stop(stream: { destroy(): unknown }, why: string): string {
  stream.destroy();
  return why;
}
