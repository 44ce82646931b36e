import { medianSorted } from 'simple-statistics';

/** The middle value, or the mean of the two in the middle; null without any. */
export function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : medianSorted(values.toSorted((a, b) => a - b));
}
