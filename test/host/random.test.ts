import { describe, expect, test } from 'vitest';
import { deriveSeed, prng } from '../../src/host/random.ts';

const take = (seed: number, n: number) => {
  const random = prng(seed);
  return Array.from({ length: n }, () => random());
};

describe('prng', () => {
  test('is mulberry32: the published first numbers of seed 1', () => {
    expect(take(1, 3)).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  });

  test('the same seed gives the same numbers, another seed others', () => {
    expect(take(7, 50)).toEqual(take(7, 50));
    expect(take(7, 50)).not.toEqual(take(8, 50));
  });

  test('stays in [0, 1) and fills it evenly', () => {
    const numbers = take(42, 20_000);
    expect(numbers.every((x) => x >= 0 && x < 1)).toBe(true);
    const tenths = Array<number>(10).fill(0);
    for (const x of numbers) tenths[Math.floor(x * 10)]! += 1;
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(250); // 5.9 standard deviations
  });
});

describe('deriveSeed', () => {
  test('differs by seed, by label and by the order of labels', () => {
    const seeds = [deriveSeed(1, 'a', 'b'), deriveSeed(2, 'a', 'b'), deriveSeed(1, 'b', 'a'), deriveSeed(1, 'a', 'c'), deriveSeed(1, 'a')];
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(deriveSeed(1, 'a', 'b')).toBe(seeds[0]);
  });

  test('small seeds give different runs', () => {
    const seeds = Array.from({ length: 200 }, (_, seed) => deriveSeed(seed, 'all', 'run-001'));
    expect(new Set(seeds).size).toBe(200);
  });

  test('does not repeat over the runs of a large experiment', () => {
    const seeds = new Set<number>();
    for (let cell = 0; cell < 20; cell++) for (let run = 1; run <= 100; run++) seeds.add(deriveSeed(1, `access=${cell}`, `run-${run}`));
    expect(seeds.size).toBe(2000);
    for (const seed of seeds) expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32).toBe(true);
  });
});
