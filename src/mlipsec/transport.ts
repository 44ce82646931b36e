/** ESP in transport mode (RFC 4303 section 3.1.1): the packet keeps its IPv4 header, ESP takes the place of what follows it. */
import { internetChecksum } from './checksum.ts';
import type { Csa } from './csa.ts';
import { ESP } from './header.ts';
import { putU16 } from './octets.ts';
import { open } from './open.ts';
import { ipv4Bounds } from './outer.ts';
import { type Refusal, refuse } from './refusal.ts';
import { seal } from './seal.ts';

export interface Transported {
  readonly ok: true;
  /** octets of the whole IPv4 packet written */
  readonly length: number;
  readonly seq: number;
}

/** Protects what an IPv4 packet carries and writes the new packet to `out`, which must be other memory. One zone only; no fragments. */
export function sealTransport(csa: Csa, packet: Uint8Array, out: Uint8Array): Transported | Refusal {
  if (csa.spans.length > 1) return refuse('wrong-role');
  const bounds = ipv4Bounds(packet);
  if (!bounds.ok) return bounds;
  const { header, end, protocol } = bounds;
  if (header + csa.sealedLength(end - header) > 0xffff) return refuse('bad-length');
  if (out.length < header) return refuse('no-room');
  const sealed = seal(csa, packet.subarray(header, end), out.subarray(header), protocol);
  if (!sealed.ok) return sealed;
  const length = header + sealed.length;
  writeHeader(packet, header, out, length, ESP);
  return { ok: true, length, seq: sealed.seq };
}

/** The reverse. `out` needs room for as many octets as the packet has. */
export function openTransport(csa: Csa, packet: Uint8Array, out: Uint8Array): Transported | Refusal {
  if (csa.spans.length > 1) return refuse('wrong-role');
  const bounds = ipv4Bounds(packet);
  if (!bounds.ok) return bounds;
  const { header, end, protocol } = bounds;
  if (protocol !== ESP) return refuse('bad-next-header');
  if (out.length < end) return refuse('no-room');
  const opened = open(csa, packet.subarray(header, end), out.subarray(header), { nextHeader: null });
  if (!opened.ok) return opened;
  const length = header + opened.length;
  writeHeader(packet, header, out, length, opened.nextHeader);
  return { ok: true, length, seq: opened.seq };
}

function writeHeader(packet: Uint8Array, header: number, out: Uint8Array, length: number, protocol: number): void {
  out.set(packet.subarray(0, header));
  putU16(out, 2, length);
  out[9] = protocol;
  putU16(out, 10, 0);
  putU16(out, 10, internetChecksum(out, 0, header));
}
