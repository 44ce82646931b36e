/** The unacknowledged packets of one connection, by sequence number. They may overlap: a sender may cut its octets anew. */
import type { PacketReference } from './events.ts';
import { distance } from './serial.ts';

export interface CachedPacket {
  seq: number;
  /** after its last octet (a FIN counts as one) */
  end: number;
  reference: PacketReference;
  /** ms, when the sender's packet went on last */
  sentAt: number;
  /** local retransmissions since then */
  copies: number;
  /** the sender repairs it itself, or it came late: its loss is congestion, and its duplicate ACKs are the sender's */
  congestion: boolean;
}

export class PacketCache {
  readonly #limit: number;
  readonly #packets: CachedPacket[] = [];

  /** `limit`: packets */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#packets.length;
  }

  get full(): boolean {
    return this.#packets.length >= this.#limit;
  }

  /** The packet with the lowest sequence number. */
  get head(): CachedPacket | undefined {
    return this.#packets[0];
  }

  get packets(): readonly CachedPacket[] {
    return this.#packets;
  }

  /** The packet that begins at `seq`. */
  find(seq: number): CachedPacket | undefined {
    const packet = this.#packets[this.#placeOf(seq) - 1];
    return packet?.seq === seq ? packet : undefined;
  }

  /** Adds a packet that begins where none does. RangeError when the cache is full: ask first. */
  insert(packet: CachedPacket): void {
    if (this.full) throw new RangeError(`the cache holds ${this.#limit} packets already`);
    this.#packets.splice(this.#placeOf(packet.seq), 0, packet);
  }

  /** Takes out what ends at or before `ack`, by sequence number. */
  free(ack: number): CachedPacket[] {
    const freed: CachedPacket[] = [];
    let kept = 0;
    for (const packet of this.#packets) {
      if (distance(packet.end, ack) <= 0) freed.push(packet);
      else this.#packets[kept++] = packet;
    }
    this.#packets.length = kept;
    return freed;
  }

  /** Takes out everything. */
  clear(): CachedPacket[] {
    return this.#packets.splice(0);
  }

  /** Index after the last packet that begins at or before `seq`; from the end, for new packets come last. */
  #placeOf(seq: number): number {
    let place = this.#packets.length;
    while (place > 0 && distance(this.#packets[place - 1]!.seq, seq) > 0) place -= 1;
    return place;
  }
}
