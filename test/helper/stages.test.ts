import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addSample, mergeSamples, noSamples, stageClock, stageTime } from '../../src/helper/stages.ts';

const of = (durations: number[]) => {
  const samples = noSamples();
  for (const ns of durations) addSample(samples, ns);
  return samples;
};

test('the median is right to a sixty-fourth, total and largest exactly', () => {
  const durations = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(durations, (ns) => {
      const { packets, total, median, max } = stageTime(of(ns));
      const sorted = [...ns].sort((a, b) => a - b);
      const [low, high] = [sorted[Math.floor((ns.length - 1) / 2)]!, sorted[Math.ceil((ns.length - 1) / 2)]!];
      expect(packets).toBe(ns.length);
      expect(max).toBe(sorted.at(-1)! / 1e9);
      expect(total).toBeCloseTo(ns.reduce((a, b) => a + b) / 1e9, 9);
      expect(median * 1e9).toBeGreaterThanOrEqual(low * (1 - 1 / 64) - 1);
      expect(median * 1e9).toBeLessThanOrEqual(high * (1 + 1 / 64) + 1);
    }),
  );
});

test('two threads are as one', () => {
  const both = of([1000, 2000]);
  mergeSamples(both, of([3000, 4000, 5000]));
  expect(stageTime(both)).toEqual(stageTime(of([1000, 2000, 3000, 4000, 5000])));
});

test('nothing measured, nothing claimed; what no duration can be is counted where it hurts least', () => {
  expect(stageTime(noSamples())).toMatchObject({ packets: 0, total: 0, median: 0, max: 0 });
  expect(() => stageTime(of([-5, Number.NaN, 1e18]))).not.toThrow();
});

test('without profile nothing is timed', () => {
  const idle = stageClock(false);
  idle.start();
  idle.stage('seal');
  expect(idle.samples()).toEqual({});
  const clock = stageClock(true);
  clock.start();
  clock.stage('seal');
  clock.add('seal zone 1', 10);
  expect(Object.keys(clock.samples())).toEqual(['seal', 'seal zone 1']);
});
