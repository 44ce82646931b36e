/**
 * When messages of a reliable stream are due: one per place of an absolute schedule, or all the time. A message the socket has no room
 * for waits in its place and the later ones behind it, since nothing may be skipped; what still waits at the end is given up.
 */
import type { Nanoseconds } from '../types/run.ts';

export class MessageSchedule {
  /** ns between messages; 0: as fast as it goes */
  readonly #interval: number;
  readonly #phase: number;
  #next = Number.POSITIVE_INFINITY;
  #stop: Nanoseconds = 0;
  #waited = false;

  /** `rate`: messages per second, 0 for as many as there is room for; `phase`: of the first within one interval, 0..1. */
  constructor(rate: number, phase: number) {
    this.#interval = rate > 0 ? 1e9 / rate : 0;
    this.#phase = phase;
  }

  begin(start: Nanoseconds, stop: Nanoseconds): void {
    this.#next = start + this.#phase * this.#interval;
    this.#stop = stop;
  }

  due(now: Nanoseconds): boolean {
    return this.#next <= now && this.#open(now);
  }

  /** Whether the next place still counts: a late thread sends what was due before the end, a message that waits for room is given up. */
  #open(now: Nanoseconds): boolean {
    return this.#next < this.#stop && (now < this.#stop || (this.#interval > 0 && !this.#waited));
  }

  /** The due message is on its way. */
  took(): void {
    this.#next += this.#interval;
  }

  /** There is no room for it. */
  waits(): void {
    this.#waited = true;
  }

  /** When the next message is due, which may be past; infinite when there is none. */
  next(now: Nanoseconds): Nanoseconds {
    return this.#open(now) ? this.#next : Number.POSITIVE_INFINITY;
  }
}
