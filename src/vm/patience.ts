/**
 * How long a guest may be silent. What counts is time in which its QEMU could run: on a loaded machine it waits for a CPU for minutes, and a
 * guest that is busy says its word once in a second of its own time, which is ten of a processor's.
 */
import { Threads } from '../host/disturbance/threads.ts';

/** ms: a baseline as old as this will do, and is not taken anew at every word */
const STALE = 5000;
/** Times the limit after which nothing is excused any more. */
const MOST = 20;

/** Seconds each thread of a process and its children has waited for a CPU, in sum; empty where the kernel does not count. */
type Waiting = ReadonlyMap<string, number>;

/** ms by which the thread that waited longest did so between two readings. */
export function longestWait(before: Waiting, now: Waiting): number {
  return 1000 * [...now].reduce((most, [thread, waited]) => Math.max(most, waited - (before.get(thread) ?? 0)), 0);
}

export class Patience {
  readonly #read: () => Waiting;
  readonly #onEnd: (starved: number) => void;
  #before: Waiting = new Map();
  #sampled = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  /** `onEnd` gets the ms that were excused. `read` is for tests. */
  constructor(pid: number, onEnd: (starved: number) => void, read?: () => Waiting) {
    const threads = new Threads([pid]);
    this.#read = read ?? (() => new Map([...threads.read(true)].map(([thread, { waited }]) => [thread, waited])));
    this.#onEnd = onEnd;
  }

  /** A word was heard: the next one within `limit` ms. */
  expect(limit: number): void {
    this.end();
    const now = performance.now();
    if (now - this.#sampled >= STALE) {
      this.#before = this.#read();
      this.#sampled = now;
    }
    this.#wait(limit, limit, now);
  }

  #wait(ms: number, limit: number, since: number): void {
    // this process may have been busy itself: what the guest said meanwhile is read before it is judged
    this.#timer = setTimeout(() => {
      this.#immediate = setImmediate(() => this.#judge(limit, since));
    }, ms);
  }

  #judge(limit: number, since: number): void {
    const silent = performance.now() - since;
    const starved = longestWait(this.#before, this.#read());
    const left = limit - (silent - starved);
    if (left <= 0 || silent >= MOST * limit) this.#onEnd(Math.round(starved));
    else this.#wait(Math.max(left, limit / 10), limit, since);
  }

  end(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }
}
