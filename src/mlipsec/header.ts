/** Which octets of zone 1 a foreign agent may change for the sake of TCP, and which it has no business changing. */
import { u16 } from './octets.ts';

export const IPV4 = 4;
export const TCP = 6;
export const ESP = 50;
export const IPV4_HEADER = 20;
/** IPv4 and TCP header without options */
export const TCP_HEADERS = 40;

/** IPv4 without options, a whole datagram and no fragment, TCP: the TCP header is where it is expected. */
export const isPlainTcp = (b: Uint8Array): boolean => b[0] === 0x45 && b[9] === TCP && (u16(b, 6) & 0x3fff) === 0;

/** type of service, time to live, header checksum */
const IP_MUTABLE = [1, 8, 10, 11];
/** acknowledgment number, window, checksum, urgent pointer */
const TCP_MUTABLE = [28, 29, 30, 31, 34, 35, 36, 37, 38, 39];
/** CWR and ECE in the octet of flags */
const FLAGS = 33;
const MUTABLE_FLAGS = 0xc0;

/** Bits of the first octets of zone 1 that are bound. */
function maskOf(mutable: readonly number[]): Uint8Array {
  const mask = new Uint8Array(TCP_HEADERS).fill(0xff);
  for (const i of mutable) mask[i] = 0;
  return mask;
}
const IP_MASK = maskOf(IP_MUTABLE);
const TCP_MASK = maskOf([...IP_MUTABLE, ...TCP_MUTABLE]);
TCP_MASK[FLAGS] = ~MUTABLE_FLAGS;

/**
 * Copies `size` octets of zone 1 to `out` with zeros in all that a foreign agent may change, and behind `available`. What decides whether
 * TCP's fields count is copied as it is, so nobody can move the line.
 */
export function copyBound(zone1: Uint8Array, available: number, out: Uint8Array, at: number, size: number): void {
  const copied = available < size ? available : size;
  const mask = isPlainTcp(zone1) ? TCP_MASK : IP_MASK;
  const masked = copied < TCP_HEADERS ? copied : TCP_HEADERS;
  for (let i = 0; i < masked; i++) out[at + i] = zone1[i]! & mask[i]!;
  for (let i = masked; i < copied; i++) out[at + i] = zone1[i]!;
  for (let i = copied; i < size; i++) out[at + i] = 0;
}
