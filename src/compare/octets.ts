/**
 * Where two files first differ, and what stands there. Reads in pieces, so that neither a long file nor a long line
 * costs memory.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { readError } from './files.ts';
import type { Excerpt, FileDifference, LinePart } from './types.ts';

const CHUNK = 1 << 18;
/** octets of a line shown before the difference, and in all */
const BEFORE = 160;
const SHOWN = 480;
const ROW = 16;
const NEWLINE = 10;

/**
 * The first difference of two regular files, as a line when it is text, else as octets; null when they are equal.
 * Throws E_COMPARE_READ.
 */
export async function firstDifference(a: string, b: string, file: string): Promise<FileDifference | null> {
  await using handleA = await opened(a);
  await using handleB = await opened(b);
  const place = await locate(handleA, handleB).catch((cause: Error) => {
    throw readError(a, cause);
  });
  if (place === null) return null;
  const { offset, line, lineStart } = place;
  const from = Math.max(lineStart, offset - BEFORE);
  const [partA, partB] = [await part(handleA, from), await part(handleB, from)];
  if (partA.includes(0) || partB.includes(0)) {
    return {
      file,
      offset,
      content: { kind: 'octets', a: await excerptAt(handleA, offset), b: await excerptAt(handleB, offset) },
      note: null,
    };
  }
  const shown = (octets: Buffer): LinePart | null =>
    octets.length === 0 ? null : { text: firstLine(octets).toString('utf8'), from: from - lineStart };
  return { file, offset, content: { kind: 'text', line, a: shown(partA), b: shown(partB) }, note: null };
}

/** Some 64 octets of `data`, whole rows of 16, with octet `offset` in the second row where there is one before. */
export function excerpt(data: Uint8Array, offset: number): Excerpt | null {
  const at = Math.max(0, Math.floor(offset / ROW) * ROW - ROW);
  return at >= data.length ? null : { at, hex: Buffer.from(data.subarray(at, at + 4 * ROW)).toString('hex') };
}

interface Place {
  offset: number;
  /** from 1 */
  line: number;
  lineStart: number;
}

async function locate(a: FileHandle, b: FileHandle): Promise<Place | null> {
  const [bufferA, bufferB] = [Buffer.alloc(CHUNK), Buffer.alloc(CHUNK)];
  const place: Place = { offset: 0, line: 1, lineStart: 0 };
  for (;;) {
    const [chunkA, chunkB] = await Promise.all([filled(a, bufferA, place.offset), filled(b, bufferB, place.offset)]);
    const same = commonLength(chunkA, chunkB);
    for (let at = chunkA.indexOf(NEWLINE); at >= 0 && at < same; at = chunkA.indexOf(NEWLINE, at + 1)) {
      place.line += 1;
      place.lineStart = place.offset + at + 1;
    }
    place.offset += same;
    if (same < CHUNK) return same === chunkA.length && same === chunkB.length ? null : place;
  }
}

/** Octets at the start of `a` and `b` that are the same. */
export function commonLength(a: Uint8Array, b: Uint8Array): number {
  const end = Math.min(a.length, b.length);
  if (Buffer.compare(a.subarray(0, end), b.subarray(0, end)) === 0) return end;
  let at = 0;
  while (a[at] === b[at]) at += 1;
  return at;
}

async function filled(handle: FileHandle, buffer: Buffer, position: number): Promise<Buffer> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

const part = (handle: FileHandle, from: number): Promise<Buffer> => filled(handle, Buffer.alloc(SHOWN), from);

async function excerptAt(handle: FileHandle, offset: number): Promise<Excerpt | null> {
  const at = Math.max(0, Math.floor(offset / ROW) * ROW - ROW);
  const octets = await filled(handle, Buffer.alloc(4 * ROW), at);
  return octets.length === 0 ? null : { at, hex: octets.toString('hex') };
}

function firstLine(octets: Buffer): Buffer {
  const end = octets.indexOf(NEWLINE);
  return end < 0 ? octets : octets.subarray(0, end);
}

function opened(path: string): Promise<FileHandle> {
  return open(path).catch((cause: Error) => {
    throw readError(path, cause);
  });
}
