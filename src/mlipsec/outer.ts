/** The IPv4 header around an ESP payload. */
import { internetChecksum } from './checksum.ts';
import { ESP, IPV4_HEADER } from './header.ts';
import { putU16, putU32, u16 } from './octets.ts';
import { type Refusal, refuse } from './refusal.ts';

export interface OuterHeader {
  /** addresses as 32-bit numbers */
  readonly source: number;
  readonly destination: number;
  /** copied from the inner header (RFC 4301 section 5.1.2) */
  readonly tos?: number;
  readonly identification?: number;
  readonly ttl?: number;
  /** octets behind the header */
  readonly payload: number;
}

/** Writes 20 octets to the beginning of `out`, Don't Fragment set. Returns their number. */
export function writeOuter(out: Uint8Array, { source, destination, tos = 0, identification = 0, ttl = 64, payload }: OuterHeader): number {
  out[0] = 0x45;
  out[1] = tos;
  putU16(out, 2, IPV4_HEADER + payload);
  putU16(out, 4, identification);
  putU16(out, 6, 0x4000);
  out[8] = ttl;
  out[9] = ESP;
  putU16(out, 10, 0);
  putU32(out, 12, source);
  putU32(out, 16, destination);
  putU16(out, 10, internetChecksum(out, 0, IPV4_HEADER));
  return IPV4_HEADER;
}

export interface Ipv4Bounds {
  readonly ok: true;
  /** octets of the header, options included */
  readonly header: number;
  /** total length */
  readonly end: number;
  readonly protocol: number;
}

/** Where header and payload of an IPv4 packet are. Refuses what is no IPv4, is cut off, or is a fragment. */
export function ipv4Bounds(packet: Uint8Array): Ipv4Bounds | Refusal {
  if (packet.length < IPV4_HEADER || packet[0]! >>> 4 !== 4) return refuse('bad-inner');
  const header = (packet[0]! & 15) * 4;
  const end = u16(packet, 2);
  if (header < IPV4_HEADER || end < header || end > packet.length) return refuse('bad-length');
  if ((u16(packet, 6) & 0x3fff) !== 0) return refuse('bad-inner');
  return { ok: true, header, end, protocol: packet[9]! };
}
