/** Link layers: finds where IP starts in a frame, and what the link header tells (MACs, direction). */
import type { Packet } from '../../types/packet.ts';
import { cooked1, cooked2 } from './cooked.ts';
import { ethernet } from './ethernet.ts';
import { family } from './family.ts';

/** Offset of the IP header, or -1 when the frame carries none. */
export type LinkDecoder = (packet: Packet, b: Buffer) => number;

const raw: LinkDecoder = () => 0;
const rawOf =
  (version: number): LinkDecoder =>
  (_packet, b) =>
    b.length > 0 && b[0]! >> 4 === version ? 0 : -1;

/** By LINKTYPE_ number (tcpdump.org/linktypes.html); 12 and 14 are DLT_RAW of the BSDs. */
export const LINK_DECODERS: ReadonlyMap<number, LinkDecoder> = new Map([
  [0, family],
  [1, ethernet],
  [12, raw],
  [14, raw],
  [101, raw],
  [108, family],
  [113, cooked1],
  [228, rawOf(4)],
  [229, rawOf(6)],
  [276, cooked2],
]);
