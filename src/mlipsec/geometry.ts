/**
 * How long things are on the wire. Layout P: each zone is a complete ESP unit (SPI, sequence number, IV, ciphertext with trailer, ICV), one
 * after the other. Layout C: one ESP header, then IV, ciphertext and ICV of each zone, and a trailer in the last one only; a zone before it
 * is filled up with zeros. Neither needs a length field: zones but the last have one length.
 */
import { roundUp } from './octets.ts';
import type { ZoneMap } from './zones.ts';

export type Layout = 'P' | 'C';

/** SPI and sequence number */
export const ESP_HEADER = 8;
/** pad length and next header */
export const TRAILER = 2;
/** what an IPv4 packet holds beside a header without options */
export const MAX_PAYLOAD = 65_515;

export interface UnitSizes {
  readonly iv: number;
  readonly align: number;
  readonly icv: number;
}

/** Where a zone is, and what its unit is made of. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly last: boolean;
  /** begins with SPI and sequence number */
  readonly headed: boolean;
  /** its plaintext ends in padding, pad length, next header; else in zeros */
  readonly trailed: boolean;
}

export function spansOf(layout: Layout, zones: ZoneMap): Span[] {
  return zones.map(({ start, end }, index) => {
    const last = index === zones.length - 1;
    return {
      start,
      end: end ?? Number.POSITIVE_INFINITY,
      last,
      headed: layout === 'P' || index === 0,
      trailed: layout === 'P' || last,
    };
  });
}

/** Octets of plaintext with padding around `content` octets of a zone. */
export const plainLength = (span: Span, sizes: UnitSizes, content: number): number =>
  roundUp(content + (span.trailed ? TRAILER : 0), sizes.align);

/** Octets of the unit of a zone that holds `content` octets. */
export const unitLength = (span: Span, sizes: UnitSizes, content: number): number =>
  (span.headed ? ESP_HEADER : 0) + sizes.iv + plainLength(span, sizes, content) + sizes.icv;

/** Octets of an inner datagram of `length` that are in this zone; null: no unit of the zone is sent. */
export function contentOf(layout: Layout, span: Span, length: number): number | null {
  if (layout === 'C' && !span.last) return span.end - span.start;
  if (layout === 'P' && span.start > 0 && length <= span.start) return null;
  return Math.max(0, Math.min(span.end, length) - span.start);
}

/** Octets of the whole ESP payload, SPI to last ICV, for an inner datagram of `length`. `sizes` has one entry per zone. */
export function sealedLength(layout: Layout, spans: readonly Span[], sizes: readonly UnitSizes[], length: number): number {
  let sum = 0;
  for (let k = 0; k < spans.length; k++) {
    const span = spans[k]!;
    const content = contentOf(layout, span, length);
    if (content === null) break;
    sum += unitLength(span, sizes[k]!, content);
  }
  return sum;
}

/** What an inner datagram of `length` octets becomes: octets of the whole ESP payload, and of each unit that is sent. */
export interface Cut {
  readonly length: number;
  readonly total: number;
  /** `content` of the zone, `plain` with padding and trailer */
  readonly units: readonly { readonly content: number; readonly plain: number }[];
}

/** `sizes` has one entry per zone. */
export function cutOf(layout: Layout, spans: readonly Span[], sizes: readonly UnitSizes[], length: number): Cut {
  const units: { content: number; plain: number }[] = [];
  for (const [k, span] of spans.entries()) {
    const content = contentOf(layout, span, length);
    if (content === null) break;
    units.push({ content, plain: plainLength(span, sizes[k]!, content) });
  }
  return { length, total: sealedLength(layout, spans, sizes, length), units };
}

/** The longest inner datagram whose packet, with `outer` octets of outer header, is not longer than `mtu`; 0 when there is none. */
export function maxInner(layout: Layout, zones: ZoneMap, sizes: readonly UnitSizes[], mtu: number, outer = 20): number {
  const spans = spansOf(layout, zones);
  let length = Math.max(0, mtu - outer);
  while (length > 0 && outer + sealedLength(layout, spans, sizes, length) > mtu) length--;
  return length;
}
