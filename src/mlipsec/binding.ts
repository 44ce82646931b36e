/** What the ICV of a zone covers beside the zone: its own header, and what ties it to the datagram. */
import type { Csa } from './csa.ts';
import { copyBound } from './header.ts';
import { putU32 } from './octets.ts';

/**
 * Additional authenticated data of zone `k` (0: the first): SPI1 | seq1; for later zones, by `bind`, SPIk | seqk, or SPI1 | seq1 | SPIk |
 * seqk, or the same and zone 1 without what a foreign agent may change. Layout C has no seqk on the wire; it is seq1 then, and 0 for `none`.
 * `inner` begins with `available` octets of zone 1.
 */
export function aadOf(csa: Csa, k: number, seq: number, seqK: number, inner: Uint8Array, available: number): Uint8Array {
  if (k === 0) return header(csa.spi, seq);
  const { spi } = csa.sas[k]!;
  const own = csa.layout === 'P' ? seqK : csa.bind === 'none' ? 0 : seq;
  if (csa.bind === 'none') return header(spi, own);
  const size = csa.bind === 'hdr' ? csa.spans[0]!.end : 0;
  const aad = new Uint8Array(16 + size);
  putU32(aad, 0, csa.spi);
  putU32(aad, 4, seq);
  putU32(aad, 8, spi);
  putU32(aad, 12, own);
  if (size > 0) copyBound(inner, available, aad, 16, size);
  return aad;
}

function header(spi: number, seq: number): Uint8Array {
  const aad = new Uint8Array(8);
  putU32(aad, 0, spi);
  putU32(aad, 4, seq);
  return aad;
}
