/** Copies of the packets SNOOP keeps, as they will be sent again. Memory goes round instead of being asked for anew. */
import { replaceWord } from '../../mlipsec/checksum.ts';

/** what a packet of an Ethernet takes; larger ones get memory of their own */
const ROOM = 2048;
const ECN = 3;
/** minimum delay (RFC 1349), which overtakes in a queue with priority */
const MINIMUM_DELAY = 0x10;
const IP_CHECKSUM = 10;

interface Kept {
  memory: Uint8Array;
  length: number;
}

export class PacketStore {
  readonly #kept = new Map<number, Kept>();
  readonly #free: Uint8Array[] = [];
  readonly #priority: boolean;

  /** `priority`: the copies get the TOS of minimum delay. */
  constructor(priority: boolean) {
    this.#priority = priority;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Keeps a copy of an IPv4 packet under `id`. */
  keep(id: number, packet: Uint8Array): void {
    this.drop(id);
    const memory = packet.length > ROOM ? new Uint8Array(packet.length) : (this.#free.pop() ?? new Uint8Array(ROOM));
    memory.set(packet);
    if (this.#priority) replaceWord(memory, 0, (memory[0]! << 8) | MINIMUM_DELAY | (memory[1]! & ECN), IP_CHECKSUM);
    this.#kept.set(id, { memory, length: packet.length });
  }

  get(id: number): Readonly<Kept> | undefined {
    return this.#kept.get(id);
  }

  drop(id: number): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    if (kept.memory.length === ROOM) this.#free.push(kept.memory);
  }
}
