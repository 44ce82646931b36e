/** CRC32c (RFC 9260 appendix A: Castagnoli's polynomial, bits reversed), eight octets at a time. */

const POLYNOMIAL = 0x82f63b78;

/** `TABLES[256 * k + octet]`: what `octet` does to the register k octets later. */
const TABLES = new Int32Array(8 * 256);
for (let octet = 0; octet < 256; octet++) {
  let register = octet;
  for (let bit = 0; bit < 8; bit++) register = register & 1 ? (register >>> 1) ^ POLYNOMIAL : register >>> 1;
  TABLES[octet] = register;
}
for (let i = 256; i < TABLES.length; i++) TABLES[i] = (TABLES[i - 256]! >>> 8) ^ TABLES[TABLES[i - 256]! & 255]!;

/** The register after octets `start` to `end`, without the inversions around a CRC. */
function update(register: number, b: Uint8Array, start: number, end: number): number {
  let crc = register;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    crc ^= b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24);
    crc =
      TABLES[1792 + (crc & 255)]! ^
      TABLES[1536 + ((crc >>> 8) & 255)]! ^
      TABLES[1280 + ((crc >>> 16) & 255)]! ^
      TABLES[1024 + (crc >>> 24)]! ^
      TABLES[768 + b[at + 4]!]! ^
      TABLES[512 + b[at + 5]!]! ^
      TABLES[256 + b[at + 6]!]! ^
      TABLES[b[at + 7]!]!;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ TABLES[(crc ^ b[at]!) & 255]!;
  return crc;
}

/** CRC32c of octets `start` to `end`, unsigned. */
export function crc32c(b: Uint8Array, start = 0, end = b.length): number {
  return ~update(-1, b, start, end) >>> 0;
}

const ZEROS = new Uint8Array(4);

/** The CRC32c of an SCTP packet of at least 12 octets, whose checksum field counts as 0 (RFC 9260 section 6.8). */
export function sctpChecksum(b: Uint8Array, start: number, end: number): number {
  return ~update(update(update(-1, b, start, start + 8), ZEROS, 0, 4), b, start + 12, end) >>> 0;
}
