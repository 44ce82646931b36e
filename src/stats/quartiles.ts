/**
 * Five numbers and an interval. Quartiles are type 7 of Hyndman and Fan (1996), what R and numpy do by default. The
 * interval of the median is a percentile bootstrap (Efron 1979) with a fixed seed: the same values give the same interval.
 *
 * Below six values the interval is [min, max]: even that holds the median with only 1 - 2 x 0.5^n < 95 % (n = 5: 93.75 %),
 * so nothing narrower may be printed. Readers see it by n, and the tables flag it.
 */
import { quantileSorted } from 'simple-statistics';
import { prng } from '../host/random.ts';
import type { Quartiles } from '../types/run.ts';

/** smallest n whose [min, max] covers the median with at least 95 % */
export const SMALLEST_N_FOR_INTERVAL = 6;
/** 4000 resamples put the interval's ends within about 0.3 percentile points of where infinitely many would */
const RESAMPLES = 4000;

/** Null for no values. Same unit as the values; throws nothing, ignores nothing: give it finite numbers only. */
export function quartiles(values: readonly number[], seed: number): Quartiles | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (p: number): number => quantileSorted(sorted, p);
  return { n: sorted.length, min: at(0), q1: at(0.25), median: at(0.5), q3: at(0.75), max: at(1), ci95: interval(sorted, seed) };
}

function interval(sorted: number[], seed: number): [number, number] {
  const n = sorted.length;
  if (n < SMALLEST_N_FOR_INTERVAL) return [sorted[0]!, sorted[n - 1]!];
  const random = prng(seed);
  const medians = Array.from({ length: RESAMPLES }, () => {
    const sample = Array.from({ length: n }, () => sorted[Math.floor(random() * n)]!).sort((a, b) => a - b);
    return quantileSorted(sample, 0.5);
  }).sort((a, b) => a - b);
  return [quantileSorted(medians, 0.025), quantileSorted(medians, 0.975)];
}
