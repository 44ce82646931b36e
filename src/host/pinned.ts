/**
 * Memory that never moves, so that its address may be handed to C functions as a number: what koffi asks Node about a Uint8Array takes
 * longer than a short call. An address is good for as long as the array, or a part of it, is reachable: whoever keeps one keeps the other.
 */
import koffi from 'koffi';

const bases = new WeakMap<ArrayBufferLike, number>();
// called between turns of the event loop, never while a function that took an address is running
const unreachable = new FinalizationRegistry<bigint>((memory) => koffi.free(memory));

/** `size` octets, all zero. */
export function pinned(size: number): Uint8Array<ArrayBuffer> {
  const memory = koffi.alloc('uint8_t', size);
  const view = koffi.view(memory, size);
  bases.set(view, Number(koffi.address(memory)));
  unreachable.register(view, memory);
  return new Uint8Array(view).fill(0);
}

/** The address of what `pinned` returned or of a part of it; 0 for memory that may move. */
export function addressOf(octets: Uint8Array): number {
  const base = bases.get(octets.buffer);
  return base === undefined ? 0 : base + octets.byteOffset;
}
