/** Where things are in an IPv4 packet that carries TCP, and the sums of its checksums. */
import { fold, sumOctets } from './words.ts';

export const IPV4_HEADER = 20;
export const TCP_HEADER = 20;
/** around ESP in UDP: IPv4 and UDP header */
export const WIRE_HEADERS = 28;
export const TCP = 6;
/** offsets in the IPv4 header */
export const IP = { tos: 1, totalLength: 2, identification: 4, fragment: 6, ttl: 8, protocol: 9, checksum: 10, addresses: 12 } as const;
/** offsets in the TCP header */
export const TCP_AT = { ports: 0, seq: 4, ack: 8, offset: 12, flags: 13, window: 14, checksum: 16, urgent: 18 } as const;
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
export const ECE = 0x40;
export const CWR = 0x80;
/** more fragments, and the offset */
const FRAGMENT = 0x3fff;

export const be16 = (b: Uint8Array, at: number): number => (b[at]! << 8) | b[at + 1]!;
export const be32 = (b: Uint8Array, at: number): number => ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;

export function putBe16(b: Uint8Array, at: number, value: number): void {
  b[at] = value >>> 8;
  b[at + 1] = value;
}

export function putBe32(b: Uint8Array, at: number, value: number): void {
  b[at] = value >>> 24;
  b[at + 1] = value >>> 16;
  b[at + 2] = value >>> 8;
  b[at + 3] = value;
}

/**
 * Octets of the IPv4 header at `at` of a packet of exactly `length` octets with a whole TCP header behind it, and no fragment; 0 when it is
 * anything else.
 */
export function tcpStart(b: Uint8Array, at: number, length: number): number {
  if (length < IPV4_HEADER + TCP_HEADER || b[at]! >>> 4 !== 4) return 0;
  const header = (b[at]! & 15) * 4;
  if (header < IPV4_HEADER || b[at + IP.protocol] !== TCP || (be16(b, at + IP.fragment) & FRAGMENT) !== 0) return 0;
  if (be16(b, at + IP.totalLength) !== length || header + TCP_HEADER > length) return 0;
  const offset = (b[at + header + TCP_AT.offset]! >>> 4) * 4;
  return offset < TCP_HEADER || header + offset > length ? 0 : header;
}

/** Writes the checksum of the IPv4 header at `at`. */
export function sealHeader(b: Uint8Array, at: number, header: number): void {
  putBe16(b, at + IP.checksum, 0);
  putBe16(b, at + IP.checksum, ~sumOctets(b, at, header) & 0xffff);
}

/** Sum of TCP's pseudo header (RFC 9293 section 3.1) for `octets` of TCP in the IPv4 packet at `at`. */
export const pseudoSum = (b: Uint8Array, at: number, octets: number): number => fold(sumOctets(b, at + IP.addresses, 8) + TCP + octets);
