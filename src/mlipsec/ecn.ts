/** Explicit congestion notification where a tunnel ends (RFC 6040 section 4.2): what routers on the way noted on the outer header. */
import { replaceWord } from './checksum.ts';

const MASK = 3;
const [NOT_ECT, ECT_1, ECT_0, CE] = [0, 1, 2, 3];
const CHECKSUM = 10;

/**
 * Takes the mark of the outer header's TOS over to an inner IPv4 header, checksum included. False: congestion was noted on a packet whose ends
 * would not understand it, which is to be dropped.
 */
export function decapsulateEcn(inner: Uint8Array, outerTos: number): boolean {
  const outer = outerTos & MASK;
  const tos = inner[1]!;
  const own = tos & MASK;
  if (own === NOT_ECT) return outer !== CE;
  if (outer === CE ? own !== CE : outer === ECT_1 && own === ECT_0)
    replaceWord(inner, 0, (inner[0]! << 8) | (tos & ~MASK) | outer, CHECKSUM);
  return true;
}
