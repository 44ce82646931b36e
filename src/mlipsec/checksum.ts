/** The Internet checksum: of a header (RFC 1071), and after a change of one word (RFC 1624). */
import { putU16, u16 } from './octets.ts';

const fold = (sum: number): number => {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return folded;
};

/** Checksum of an even number of octets at `at`. */
export function internetChecksum(b: Uint8Array, at: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i += 2) sum += u16(b, at + i);
  return ~fold(sum) & 0xffff;
}

/** Writes a 16-bit word at `at` and corrects the checksum at `checksumAt`, which covers it: HC' = ~(~HC + ~m + m'), RFC 1624 equation 3. */
export function replaceWord(b: Uint8Array, at: number, value: number, checksumAt: number): void {
  const sum = (~u16(b, checksumAt) & 0xffff) + (~u16(b, at) & 0xffff) + (value & 0xffff);
  putU16(b, at, value);
  putU16(b, checksumAt, ~fold(sum) & 0xffff);
}
