/**
 * SCTP associations of a capture, in the clear and inside ESP. Addresses come and go (RFC 5061), so packets are told apart by
 * ports and verification tag: one tag per direction, and INIT-ACK or a common address pair says which two belong together.
 */
import type { Packet } from '../../types/packet.ts';
import type { SctpInfo } from '../../types/sctp.ts';

export interface SctpAssociation {
  /** ports of the two ends, the one that spoke first is `a` */
  a: number;
  b: number;
  /** addresses the ends sent from or were sent to, in order of use */
  addresses: [string[], string[]];
  /** packets and DATA chunks from a to b, and back */
  packets: [number, number];
  data: [number, number];
  /** DATA chunks whose TSN was seen before in this direction: retransmissions, or several taps */
  repeated: [number, number];
  /** seconds since the first packet of the capture */
  first: number;
  last: number;
}

/** An association while packets are added to it. */
interface Entry extends Omit<SctpAssociation, 'addresses'> {
  addresses: [Set<string>, Set<string>];
  tsns: [Set<number>, Set<number>];
}

/** One direction of an association; 0 is from a to b. */
interface Direction {
  entry: Entry;
  way: 0 | 1;
}

/** By first appearance. */
export function sctpAssociations(packets: Packet[]): SctpAssociation[] {
  const finder = new Finder();
  const seen = new Set<Entry>();
  for (const outer of packets) {
    const packet = innermost(outer);
    if (packet.sctp === null) continue;
    const direction = finder.find(packet, packet.sctp);
    seen.add(direction.entry);
    count(direction, packet, packet.sctp);
  }
  return [...seen].map(({ tsns, addresses: [there, back], ...rest }) => ({ ...rest, addresses: [[...there], [...back]] }));
}

function count({ entry, way }: Direction, packet: Packet, { chunks }: SctpInfo): void {
  entry.packets[way] += 1;
  entry.last = packet.t / 1e9;
  entry.addresses[way].add(packet.src);
  entry.addresses[way === 0 ? 1 : 0].add(packet.dst);
  for (const { content } of chunks) {
    if (content?.kind !== 'data') continue;
    entry.data[way] += 1;
    if (entry.tsns[way].has(content.tsn)) entry.repeated[way] += 1;
    else entry.tsns[way].add(content.tsn);
  }
}

function innermost(packet: Packet): Packet {
  let found = packet;
  while (found.esp?.inner != null) found = found.esp.inner;
  return found;
}

const ABORT = 6;
const SHUTDOWN_COMPLETE = 14;
const REFLECTED = 1;

const opposite = ({ entry, way }: Direction): Direction => ({ entry, way: way === 0 ? 1 : 0 });

class Finder {
  /** by ports and tag */
  readonly #byTag = new Map<string, Direction>();
  /** by addresses and ports: directions whose opposite's tag is not known yet, as that opposite */
  readonly #awaited = new Map<string, Direction>();

  /** The direction of this packet, a new association's when it fits none. */
  find(packet: Packet, info: SctpInfo): Direction {
    const { srcPort, dstPort } = packet;
    const there = (tag: number): string => `${srcPort} ${dstPort} ${tag}`;
    const back = (tag: number): string => `${dstPort} ${srcPort} ${tag}`;
    const first = info.chunks[0];
    const init = first?.content?.kind === 'init' ? first.content : null;
    if (info.tag === 0 && init !== null) return this.#begun(packet, back(init.initiateTag));
    // ABORT and SHUTDOWN-COMPLETE without an association carry the tag of what they answer (RFC 9260 section 8.5.1)
    const last = info.chunks.at(-1);
    if ((last?.type === ABORT || last?.type === SHUTDOWN_COMPLETE) && (last.flags & REFLECTED) !== 0) {
      const answered = this.#byTag.get(back(info.tag));
      if (answered !== undefined) return opposite(answered);
    }
    const known = this.#byTag.get(there(info.tag)) ?? this.#paired(packet, there(info.tag));
    if (init !== null) {
      this.#byTag.set(back(init.initiateTag), opposite(known));
      this.#awaited.delete(`${packet.dst} ${packet.src} ${dstPort} ${srcPort}`);
    }
    return known;
  }

  /** INIT: its packet has no tag, but says the one of the way back. */
  #begun(packet: Packet, back: string): Direction {
    const answer = this.#byTag.get(back);
    if (answer !== undefined) return opposite(answer);
    const begun: Direction = { entry: begin(packet), way: 0 };
    this.#byTag.set(back, opposite(begun));
    this.#awaited.set(`${packet.src} ${packet.dst} ${packet.srcPort} ${packet.dstPort}`, begun);
    return begun;
  }

  /** A tag not seen before: the other direction of an association that lacks it, or a new association. */
  #paired(packet: Packet, there: string): Direction {
    const { src, dst, srcPort, dstPort } = packet;
    const key = `${src} ${dst} ${srcPort} ${dstPort}`;
    let direction = this.#awaited.get(key);
    if (direction === undefined) {
      direction = { entry: begin(packet), way: 0 };
      this.#awaited.set(`${dst} ${src} ${dstPort} ${srcPort}`, opposite(direction));
    } else this.#awaited.delete(key);
    this.#byTag.set(there, direction);
    return direction;
  }
}

function begin({ t, srcPort, dstPort }: Packet): Entry {
  return {
    a: srcPort,
    b: dstPort,
    addresses: [new Set(), new Set()],
    tsns: [new Set(), new Set()],
    packets: [0, 0],
    data: [0, 0],
    repeated: [0, 0],
    first: t / 1e9,
    last: t / 1e9,
  };
}
