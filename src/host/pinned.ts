/**
 * Memory that never moves and is never freed, so that its address may be kept, and handed to C functions as a number: what koffi asks Node
 * about a Uint8Array takes longer than a short call. For buffers that live as long as their thread, not for what is made per packet.
 */
import koffi from 'koffi';

const bases = new WeakMap<ArrayBufferLike, number>();

/** `size` octets, all zero. */
export function pinned(size: number): Uint8Array<ArrayBuffer> {
  const memory = koffi.alloc('uint8_t', size);
  const view = koffi.view(memory, size);
  bases.set(view, Number(koffi.address(memory)));
  return new Uint8Array(view).fill(0);
}

/** The address of what `pinned` returned or of a part of it; 0 for memory that may move. */
export function addressOf(octets: Uint8Array): number {
  const base = bases.get(octets.buffer);
  return base === undefined ? 0 : base + octets.byteOffset;
}
