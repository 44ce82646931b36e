import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prng } from '../../src/host/random.ts';
import { quartiles } from '../../src/stats/index.ts';

describe('quartiles', () => {
  it('are type 7: the values R prints for its own example', () => {
    // R: quantile(c(3, 6, 7, 8, 8, 10, 13, 15, 16, 20)) -> 3.00 7.25 9.00 14.50 20.00
    expect(quartiles([20, 3, 8, 6, 16, 7, 15, 8, 13, 10], 1)).toMatchObject({ n: 10, min: 3, q1: 7.25, median: 9, q3: 14.5, max: 20 });
  });

  it('of nothing are null, of one value that value', () => {
    expect(quartiles([], 1)).toBeNull();
    expect(quartiles([7], 1)).toEqual({ n: 1, min: 7, q1: 7, median: 7, q3: 7, max: 7, ci95: [7, 7] });
  });

  it('give the whole range as the interval below six values', () => {
    expect(quartiles([1, 2, 3, 4, 100], 1)!.ci95).toEqual([1, 100]);
  });

  it('give one interval per seed, inside the range and around the median', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e3, noNaN: true }), { minLength: 6, maxLength: 25 }), fc.nat(), (values, seed) => {
        const q = quartiles(values, seed)!;
        expect(quartiles(values.toReversed(), seed)).toEqual(q);
        expect(q.min).toBeLessThanOrEqual(q.ci95[0]);
        expect(q.ci95[0]).toBeLessThanOrEqual(q.median);
        expect(q.median).toBeLessThanOrEqual(q.ci95[1]);
        expect(q.ci95[1]).toBeLessThanOrEqual(q.max);
      }),
      { numRuns: 25 },
    );
  });

  it('cover a known median about as often as they claim', () => {
    const random = prng(7);
    let covered = 0;
    for (let i = 0; i < 200; i += 1) {
      const q = quartiles(
        Array.from({ length: 15 }, () => random()),
        i,
      )!;
      if (q.ci95[0] <= 0.5 && q.ci95[1] >= 0.5) covered += 1;
    }
    expect(covered).toBeGreaterThan(178);
    expect(covered).toBeLessThan(200);
  });
});
