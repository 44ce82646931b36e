/**
 * The user data of an association as the captures at its ends show it: one sighting per DATA chunk, numbered from the sender's initial
 * TSN (RFC 9260 section 3.3.2), so that numbers begin at 0 and do not wrap.
 */
import { parsePayload } from '../pcap/index.ts';
import type { Nanoseconds } from '../types/run.ts';
import type { SctpData, SctpInit } from '../types/sctp.ts';
import type { AssociationSighting, FlowSighting } from './sighting.ts';

/** The TSN that has number 0: of the INIT or INIT-ACK the sender's packets follow from, else the lowest that was seen. Null: no data. */
export function originOf(association: AssociationSighting[]): number | null {
  const inits: SctpInit[] = [];
  const tags = new Set<number>();
  let lowest: number | null = null;
  for (const { inner, forth } of association) {
    for (const { content } of inner.sctp?.chunks ?? []) {
      if (forth && content?.kind === 'init') inits.push(content);
      if (forth && content?.kind === 'data' && (lowest === null || serial(content.tsn, lowest) < 0)) lowest = content.tsn;
    }
    // the peer puts our initiate tag in front of everything but its own INIT; an INIT-ACK to a copy of its INIT is followed by nothing
    if (!forth && inner.sctp !== null && inner.sctp.tag !== 0) tags.add(inner.sctp.tag);
  }
  const init = inits.findLast(({ initiateTag }) => tags.has(initiateTag)) ?? inits.at(-1);
  return init?.tsn ?? lowest;
}

/** How far TSN `a` is beyond `b`, negative when before it (RFC 1982 arithmetic of 32 bits, RFC 9260 section 1.6). */
export function serial(a: number, b: number): number {
  return (a - b) | 0;
}

/**
 * Sightings of DATA chunks from the flow's sender at the given nodes, in the order of `association`. `sent` and `message` are those of the
 * header a message begins with; null in chunks that begin none, or that of another flow than `index`.
 */
export function chunksOf(
  association: AssociationSighting[],
  origin: number,
  nodes: ReadonlySet<string>,
  index: number,
  epoch: number,
): FlowSighting[] {
  const chunks: FlowSighting[] = [];
  for (const seen of association) {
    if (!seen.forth || !nodes.has(seen.node)) continue;
    for (const { content } of seen.inner.sctp?.chunks ?? []) {
      if (content?.kind !== 'data') continue;
      const { t, node, interface: name, way, outer, inner, sealed } = seen;
      const { message, sent } = headerOf(content, index, epoch);
      const numbers = { seq: serial(content.tsn, origin), span: 1, octets: content.octets, sent };
      chunks.push({ t, node, interface: name, way, outer, inner, sealed, ...numbers, message, chunk: content });
    }
  }
  return chunks;
}

function headerOf(chunk: SctpData, index: number, epoch: number): { message: number | null; sent: Nanoseconds | null } {
  const header = chunk.begin ? parsePayload(chunk.payload, epoch) : null;
  return header?.flow === index ? { message: header.seq, sent: header.sent } : { message: null, sent: null };
}
