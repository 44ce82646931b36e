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

/**
 * Copies `size` octets of zone 1 to `out` with zeros in all that a foreign agent may change, and behind `available`. What decides whether
 * TCP's fields count is copied as it is, so nobody can move the line.
 */
export function copyBound(zone1: Uint8Array, available: number, out: Uint8Array, at: number, size: number): void {
  const copied = Math.min(available, size);
  for (let i = 0; i < copied; i++) out[at + i] = zone1[i]!;
  out.fill(0, at + copied, at + size);
  for (const i of IP_MUTABLE) if (i < size) out[at + i] = 0;
  if (!isPlainTcp(zone1)) return;
  for (const i of TCP_MUTABLE) if (i < size) out[at + i] = 0;
  if (FLAGS < size) out[at + FLAGS]! &= ~MUTABLE_FLAGS;
}
