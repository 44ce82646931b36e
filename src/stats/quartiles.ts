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
  const five = fiveNumbers(values);
  return five === null ? null : { ...five, ci95: interval(sorted(values), seed) };
}

/** Quartiles without the interval, which costs thousands of times more; for who looks after every run. */
export function fiveNumbers(values: readonly number[]): Omit<Quartiles, 'ci95'> | null {
  if (values.length === 0) return null;
  const ascending = sorted(values);
  const at = (p: number): number => quantileSorted(ascending, p);
  return { n: ascending.length, min: at(0), q1: at(0.25), median: at(0.5), q3: at(0.75), max: at(1) };
}

export const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

/** [2.5 %, 97.5 %] of resampled statistics, which it sorts. */
export function percentileInterval(resampled: Float64Array): [number, number] {
  const ends = Array.from(resampled.sort());
  return [quantileSorted(ends, 0.025), quantileSorted(ends, 0.975)];
}

function interval(ascending: number[], seed: number): [number, number] {
  if (ascending.length < SMALLEST_N_FOR_INTERVAL) return [ascending[0]!, ascending.at(-1)!];
  return percentileInterval(resampledMedians(ascending, seed));
}

/**
 * Medians of resamples of ascending values, at least one, in the order they are drawn. A resample is drawn as counts of the sorted values,
 * so that its median is found without sorting it: some 20 times faster.
 */
export function resampledMedians(ascending: readonly number[], seed: number): Float64Array {
  const n = ascending.length;
  const random = prng(seed);
  const drawn = new Uint32Array(n);
  const half = Math.floor((n - 1) / 2);
  return Float64Array.from({ length: RESAMPLES }, () => {
    drawn.fill(0);
    for (let i = 0; i < n; i++) drawn[Math.floor(random() * n)]! += 1;
    let at = 0;
    let seen = drawn[0]!;
    while (seen <= half) seen += drawn[++at]!;
    const lower = ascending[at]!;
    if (n % 2 === 1) return lower;
    while (seen <= half + 1) seen += drawn[++at]!;
    return lower + 0.5 * (ascending[at]! - lower);
  });
}
