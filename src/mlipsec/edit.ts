/** What a foreign agent may write into zone 1, with both checksums kept right. TCP's is in zone 1, so no payload is needed. */
import { replaceWord } from './checksum.ts';
import { IPV4_HEADER, isPlainTcp, TCP_HEADERS } from './header.ts';
import { u16 } from './octets.ts';

export interface HeaderEdit {
  readonly tos?: number;
  readonly ttl?: number;
  /** acknowledgment number */
  readonly ack?: number;
  readonly ece?: boolean;
  readonly cwr?: boolean;
  /** receive window as in the header, not scaled */
  readonly window?: number;
  readonly urgent?: number;
}

const IP_CHECKSUM = 10;
const TCP_CHECKSUM = 36;
const ECE = 0x40;
const CWR = 0x80;

/**
 * Edits the first `length` octets of a datagram. False, and nothing changed, when it is no IPv4 or a field of TCP is asked for where there is
 * none to be seen: options in the IPv4 header, a fragment, another protocol.
 */
export function editHeader(b: Uint8Array, length: number, edit: HeaderEdit): boolean {
  if (length < IPV4_HEADER || b[0]! >>> 4 !== 4) return false;
  const { tos, ttl, ack, ece, cwr, window, urgent } = edit;
  const tcp = [ack, ece, cwr, window, urgent].some((field) => field !== undefined);
  if (tcp && (length < TCP_HEADERS || !isPlainTcp(b))) return false;
  if (tos !== undefined) replaceWord(b, 0, (b[0]! << 8) | (tos & 0xff), IP_CHECKSUM);
  if (ttl !== undefined) replaceWord(b, 8, ((ttl & 0xff) << 8) | b[9]!, IP_CHECKSUM);
  if (ack !== undefined) {
    replaceWord(b, 28, ack >>> 16, TCP_CHECKSUM);
    replaceWord(b, 30, ack & 0xffff, TCP_CHECKSUM);
  }
  if (ece !== undefined) setFlag(b, ECE, ece);
  if (cwr !== undefined) setFlag(b, CWR, cwr);
  if (window !== undefined) replaceWord(b, 34, window, TCP_CHECKSUM);
  if (urgent !== undefined) replaceWord(b, 38, urgent, TCP_CHECKSUM);
  return true;
}

function setFlag(b: Uint8Array, flag: number, on: boolean): void {
  const word = u16(b, 32);
  replaceWord(b, 32, on ? word | flag : word & ~flag, TCP_CHECKSUM);
}
