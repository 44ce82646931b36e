/** A value and what a reader must know about it. */
export interface Measured {
  /** seconds; null = not observed, and then a note says why */
  value: number | null;
  notes: string[];
}
