/**
 * Turns capture timestamps into nanoseconds since the epoch of the run. A JS number holds 2^53 ns (104 days) exactly,
 * which is why times count from a recent whole second and not from 1970.
 */
import type { Nanoseconds } from '../../types/run.ts';
import type { Warnings } from './warnings.ts';

export class Clock {
  readonly #warnings: Warnings;
  #epoch: number | undefined;

  constructor(epoch: number | undefined, warnings: Warnings) {
    this.#epoch = epoch;
    this.#warnings = warnings;
  }

  /** Unix second all times count from: the one given, else that of the first timed packet, else 0. */
  get epoch(): number {
    return this.#epoch ?? 0;
  }

  /** `seconds` may be negative (pcapng offsets); `nanos` may exceed a second in a broken file and is added as it is. */
  time(seconds: number, nanos: number, frame: number): Nanoseconds {
    this.#epoch ??= seconds;
    if (nanos >= 1e9) this.#warnings.add('fraction of the timestamp is a second or more', `frame ${frame}`);
    const t = (seconds - this.#epoch) * 1e9 + nanos;
    if (!Number.isSafeInteger(t)) this.#warnings.add('timestamp too far from the epoch to be exact', `frame ${frame}`);
    return t;
  }
}
