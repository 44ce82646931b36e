/** What the ICV of a zone covers beside the zone: its own header, and what ties it to the datagram. */
import type { Csa } from './csa.ts';
import { copyBound } from './header.ts';
import { putU32 } from './octets.ts';

/**
 * Additional authenticated data of zone `k` (0: the first): SPI1 | seq1; for later zones, by `bind`, SPIk | seqk, or SPI1 | seq1 | SPIk |
 * seqk, or the same and zone 1 without what a foreign agent may change. Layout C has no seqk on the wire; it is seq1 then, and 0 for `none`.
 * `inner` begins with `available` octets of zone 1. The result is good until the zone's next one.
 */
export function aadOf(csa: Csa, k: number, seq: number, seqK: number, inner: Uint8Array, available: number): Uint8Array {
  const aad = csa.aads[k]!;
  if (k === 0) return header(aad, csa.spi, seq);
  const { spi } = csa.sas[k]!;
  const own = csa.layout === 'P' ? seqK : csa.bind === 'none' ? 0 : seq;
  if (csa.bind === 'none') return header(aad, spi, own);
  header(aad, csa.spi, seq);
  putU32(aad, 8, spi);
  putU32(aad, 12, own);
  if (aad.length > 16) copyBound(inner, available, aad, 16, aad.length - 16);
  return aad;
}

function header(aad: Uint8Array, spi: number, seq: number): Uint8Array {
  putU32(aad, 0, spi);
  putU32(aad, 4, seq);
  return aad;
}
