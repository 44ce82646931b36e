/** What SNOOP wants to know of a TCP packet, from its first 40 octets, and of its options where they can be read. */
import { isPlainTcp } from '../../mlipsec/header.ts';
import { u16, u32 } from '../../mlipsec/octets.ts';

const IP_HEADER = 20;
const TCP_HEADER = 20;
const HEADERS = IP_HEADER + TCP_HEADER;
const FLAG = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;
const OPTION = { end: 0, none: 1, sack: 5 } as const;

export interface TcpView {
  source: number;
  sourcePort: number;
  destination: number;
  destinationPort: number;
  seq: number;
  ack: number;
  window: number;
  /** octets of payload */
  length: number;
  hasAck: boolean;
  flags: { syn: boolean; fin: boolean; rst: boolean };
  /** it carries SACK blocks; null: the options cannot be read */
  sack: boolean | null;
}

/**
 * `b` begins with an IPv4 header and has at least as many octets as are to be read; the datagram itself may be longer, but not than `most`.
 * Null for everything but a whole TCP segment behind a header without options.
 */
export function readTcp(b: Uint8Array, most: number): TcpView | null {
  if (b.length < HEADERS || !isPlainTcp(b)) return null;
  const total = u16(b, 2);
  const header = (b[IP_HEADER + 12]! >>> 4) * 4;
  const length = total - IP_HEADER - header;
  if (total > most || header < TCP_HEADER || length < 0) return null;
  const flags = b[IP_HEADER + 13]!;
  return {
    source: u32(b, 12),
    sourcePort: u16(b, IP_HEADER),
    destination: u32(b, 16),
    destinationPort: u16(b, IP_HEADER + 2),
    seq: u32(b, IP_HEADER + 4),
    ack: u32(b, IP_HEADER + 8),
    window: u16(b, IP_HEADER + 14),
    length,
    hasAck: (flags & FLAG.ack) !== 0,
    flags: { syn: (flags & FLAG.syn) !== 0, fin: (flags & FLAG.fin) !== 0, rst: (flags & FLAG.rst) !== 0 },
    sack: header === TCP_HEADER ? false : b.length < IP_HEADER + header ? null : hasSack(b, HEADERS, IP_HEADER + header),
  };
}

/** Whether there is a SACK option (RFC 2018) in `b[at, end)`. */
function hasSack(b: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; ) {
    const kind = b[at]!;
    if (kind === OPTION.end) return false;
    if (kind === OPTION.sack) return true;
    const length = kind === OPTION.none ? 1 : (b[at + 1] ?? 0);
    if (length < 1 || (kind !== OPTION.none && length < 2)) return false;
    at += length;
  }
  return false;
}
