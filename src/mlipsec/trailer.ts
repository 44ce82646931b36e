/** The ESP trailer: padding 1, 2, 3..., its length, next header (RFC 4303 sections 2.4 to 2.6). */
import { TRAILER } from './geometry.ts';

/** Writes the trailer behind `content` octets at `at` so that all are `total` octets. */
export function writeTrailer(b: Uint8Array, at: number, content: number, total: number, nextHeader: number): void {
  const pad = total - content - TRAILER;
  for (let i = 1; i <= pad; i++) b[at + content + i - 1] = i;
  b[at + total - 2] = pad;
  b[at + total - 1] = nextHeader;
}

/** Octets before the trailer of the `total` octets at `at`; -1: the padding is not 1, 2, 3... or longer than what there is. */
export function contentBefore(b: Uint8Array, at: number, total: number): number {
  const content = total - TRAILER - (b[at + total - 2] ?? 0);
  if (content < 0) return -1;
  for (let i = content; i < total - TRAILER; i++) if (b[at + i] !== i - content + 1) return -1;
  return content;
}

export function isZero(b: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (b[i] !== 0) return false;
  return true;
}
