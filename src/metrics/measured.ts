import type { Nanoseconds } from '../types/run.ts';

/** A value and what a reader must know about it. */
export interface Measured {
  /** seconds; null = not observed, and then a note says why */
  value: number | null;
  /** when the measured time began, ns since epoch; absent without a value */
  from?: Nanoseconds;
  notes: string[];
}
