/** The chunks of a packet in order (RFC 9260 section 3.2): type, flags, length with this header, value, padded to 4 octets. */
import type { SctpChunk } from '../../types/sctp.ts';
import { decodeContent } from './content.ts';
import { decodeData } from './data.ts';
import { CHUNK, chunkName } from './names.ts';

/** 1500 octets hold 372 of the shortest */
const MAX_CHUNKS = 512;

/** Those in octets `start` to `end`; `whole`: the packet ends there, not just what was captured of it. */
export function decodeChunks(b: Buffer, start: number, end: number, whole: boolean): SctpChunk[] {
  const chunks: SctpChunk[] = [];
  for (let at = start; at < end; ) {
    const chunk = chunks.length < MAX_CHUNKS ? decodeChunk(b, at, end, whole) : unread(b[at]!, 'too many chunks');
    chunks.push(chunk);
    if (chunk.malformed !== null) break;
    at += (chunk.length + 3) & ~3;
  }
  return chunks;
}

const unread = (type: number, malformed: string | null): SctpChunk => ({
  type,
  name: chunkName(type),
  flags: 0,
  length: 0,
  content: null,
  malformed,
});

function decodeChunk(b: Buffer, at: number, end: number, whole: boolean): SctpChunk {
  const type = b[at]!;
  const chunk = unread(type, null);
  if (at + 4 > end) {
    chunk.malformed = whole ? 'header cut off' : 'cut off';
    return chunk;
  }
  const flags = b[at + 1]!;
  const length = (b[at + 2]! << 8) | b[at + 3]!;
  chunk.flags = flags;
  chunk.length = length;
  if (length < 4) {
    chunk.malformed = 'length below 4';
  } else if (at + length <= end) {
    const content = decodeContent(b, type, flags, at + 4, at + length);
    if (typeof content === 'string') chunk.malformed = content;
    else chunk.content = content;
  } else if (whole) {
    chunk.malformed = 'longer than the packet';
  } else {
    chunk.malformed = 'cut off';
    // a snap length leaves the numbers and cuts the user data
    const data = type === CHUNK.DATA ? decodeData(b, flags, at + 4, at + length, end) : null;
    if (typeof data !== 'string') chunk.content = data;
  }
  return chunk;
}
