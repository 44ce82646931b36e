/** ppoll() on a set of descriptors that is laid out once and asked thousands of times a second. */
import { call } from './libc.ts';

const ppoll = call('int ppoll(void *fds, unsigned long count, const void *timeout, const void *mask)');

export const POLLIN = 1;
export const POLLOUT = 4;
/** struct pollfd: fd (s32), events (s16), revents (s16) */
const ENTRY = 8;

export class PollSet {
  readonly #entries: Buffer;
  readonly #timeout = Buffer.alloc(16);
  readonly #count: number;

  /** With room for `count` descriptors; none is watched yet. */
  constructor(count: number) {
    this.#count = count;
    this.#entries = Buffer.alloc(Math.max(1, count) * ENTRY);
    for (let place = 0; place < count; place++) this.rest(place);
  }

  watch(place: number, fd: number, events: number): void {
    this.#entries.writeInt32LE(fd, place * ENTRY);
    this.#entries.writeInt16LE(events, place * ENTRY + 4);
  }

  /** Ignores this place, also its errors, until it is watched again. */
  rest(place: number): void {
    this.#entries.writeInt32LE(-1, place * ENTRY);
    this.#entries.writeInt16LE(0, place * ENTRY + 6);
  }

  /** Waits at most `timeout` nanoseconds; true when something is ready. */
  wait(timeout: number): boolean {
    this.#timeout.writeUInt32LE(Math.floor(timeout / 1e9), 0);
    this.#timeout.writeUInt32LE(Math.floor(timeout % 1e9), 8);
    return ppoll(this.#entries, this.#count, this.#timeout, null) > 0;
  }

  /** Whether the last `wait` that returned true found anything here: what was asked for, an error or a hang-up. */
  ready(place: number): boolean {
    return this.#entries.readInt16LE(place * ENTRY + 6) !== 0;
  }
}
