/** The sending end: an inner datagram becomes an ESP payload of one unit per zone. */
import { aadOf } from './binding.ts';
import { type Csa, headOf } from './csa.ts';
import { MAX_PAYLOAD } from './geometry.ts';
import { IPV4, IPV4_HEADER } from './header.ts';
import { putU32, u16 } from './octets.ts';
import { type Refusal, refuse } from './refusal.ts';
import { writeTrailer } from './trailer.ts';
import { sealUnit } from './unit.ts';

/** octets copied one by one sooner than by making a view of them */
const SHORT = 64;

export interface Sealed {
  readonly ok: true;
  /** octets written, SPI to last ICV */
  readonly length: number;
  readonly seq: number;
}

/**
 * Protects `inner` and writes the ESP payload to `out`, which must be other memory. With several zones `inner` is one IPv4 datagram; with
 * one it may be anything, and `nextHeader` says what (4 IPv4, 41 IPv6, else transport mode). A refusal uses up no sequence number.
 */
export function seal(csa: Csa, inner: Uint8Array, out: Uint8Array, nextHeader: number = IPV4): Sealed | Refusal {
  if (csa.role !== 'send') return refuse('wrong-role');
  if (csa.destroyed) return refuse('destroyed');
  const { spans } = csa;
  const available = inner.length;
  if (spans.length > 1) {
    if (nextHeader !== IPV4 || available < IPV4_HEADER || inner[0]! >>> 4 !== 4) return refuse('bad-inner');
    if (u16(inner, 2) !== available) return refuse('bad-total-length');
  }
  const { total, units } = csa.cut(available);
  if (total > MAX_PAYLOAD) return refuse('bad-length');
  if (total > out.length) return refuse('no-room');
  if (csa.exhausted) return refuse('exhausted');
  const seq = csa.nextSeq();
  let at = 0;
  for (let k = 0; k < units.length; k++) {
    const span = spans[k]!;
    const sa = csa.sas[k]!;
    const { content, plain } = units[k]!;
    if (span.headed) {
      putU32(out, at, sa.spi);
      putU32(out, at + 4, seq);
    }
    const ivAt = at + headOf(span);
    const dataAt = ivAt + sa.suite.iv;
    // layout C fills a zone up that the datagram does not
    const end = span.start + content;
    const octets = Math.max(0, (end < available ? end : available) - span.start);
    if (octets > SHORT) out.set(inner.subarray(span.start, span.start + octets), dataAt);
    else for (let i = 0; i < octets; i++) out[dataAt + i] = inner[span.start + i]!;
    if (span.trailed) writeTrailer(out, dataAt, content, plain, nextHeader);
    else out.fill(0, dataAt + octets, dataAt + plain);
    at = sealUnit(sa, aadOf(csa, k, seq, seq, inner, available), out, ivAt, plain);
  }
  return { ok: true, length: at, seq };
}
