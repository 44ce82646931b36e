/** One unit of a packet: IV, ciphertext, ICV of a zone, with or without its ESP header. */
import { aadOf } from './binding.ts';
import { type Csa, headOf } from './csa.ts';
import { NONCE } from './iv.ts';
import { u32 } from './octets.ts';
import type { Reason } from './refusal.ts';
import type { ZoneSa } from './sa.ts';
import { contentBefore, isZero } from './trailer.ts';

const nonce = new Uint8Array(NONCE);

/**
 * Protects `length` octets, trailer included, that lie in `out` where the ciphertext will be: behind the IV, which starts at `at`. Returns
 * where the unit ends. The SA must have an IV left.
 */
export function sealUnit(sa: ZoneSa, aad: Uint8Array, out: Uint8Array, at: number, length: number): number {
  const dataAt = at + sa.suite.iv;
  const end = dataAt + length + sa.suite.icv;
  const { cipher } = sa;
  sa.iv!.take(nonce);
  cipher.deriveIv(nonce, out, at);
  cipher.seal(aad, out, at, length);
  return end;
}

/** Where the unit of zone `k` that starts at `at` ends in a payload of `total` octets; -1: too short. */
export function unitEnd(csa: Csa, k: number, at: number, total: number): number {
  const rest = total - at;
  const full = csa.full[k]!;
  if (csa.layout === 'C' && !csa.spans[k]!.last) return rest > full ? at + full : -1;
  return rest > full ? at + full : total;
}

export interface OpenedUnit {
  /** octets of the zone */
  content: number;
  /** the same with padding and trailer */
  length: number;
  nextHeader: number;
}

/**
 * Opens the unit of zone `k` in `payload[at, end)` to where the zone is in `out`. `seq` is the datagram's. `final`: nothing follows, so the
 * datagram may end within the zone. `nextHeader`: what the trailer must say, null for anything.
 */
export function openUnit(
  csa: Csa,
  k: number,
  payload: Uint8Array,
  at: number,
  end: number,
  seq: number,
  out: Uint8Array,
  nextHeader: number | null,
): OpenedUnit | Reason {
  const sa = csa.sas[k] ?? null;
  const span = csa.spans[k]!;
  if (sa === null) return 'wrong-role';
  const { suite } = sa;
  const ivAt = at + headOf(span);
  const dataAt = ivAt + suite.iv;
  const length = end - suite.icv - dataAt;
  if (length < suite.align || length % suite.align !== 0) return 'bad-length';
  if (span.start + length > out.length) return 'no-room';
  if (span.headed && u32(payload, at) !== sa.spi) return 'wrong-spi';
  const aad = aadOf(csa, k, seq, span.headed ? u32(payload, at + 4) : seq, out, span.start);
  const { start } = span;
  if (!sa.cipher.open(aad, payload, ivAt, end, out, start)) return 'bad-icv';
  const size = span.end - start;
  if (!span.trailed) return isZero(out, start + size, start + length) ? { content: size, length, nextHeader: -1 } : 'bad-padding';
  const content = contentBefore(out, start, length);
  if (content < 0) return 'bad-padding';
  const next = out[start + length - 1]!;
  if (nextHeader !== null && next !== nextHeader) return next === NO_NEXT_HEADER ? 'dummy' : 'bad-next-header';
  // a unit that others follow is full; one that starts behind the first octet and has none would not have been sent
  const final = end === payload.length;
  if (final ? content > size || (csa.layout === 'P' && k > 0 && content === 0) : content !== size) return 'bad-length';
  return { content, length, nextHeader: next };
}

/** IPv6's, of a packet that hides whether there was traffic (RFC 4303 section 2.6) */
const NO_NEXT_HEADER = 59;
