import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BitErrorModel, survival } from '../../src/biterrors/model.ts';

/** Mean and variance of `count` draws. */
function moments(count: number, draw: () => number): { mean: number; variance: number } {
  const all = Array.from({ length: count }, draw);
  const mean = all.reduce((sum, x) => sum + x, 0) / count;
  return { mean, variance: all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count };
}

it.each([
  [1 / 2 ** 19, 1500, 0.9774],
  [1 / 2 ** 16, 1500, 0.8327],
  [1 / 2 ** 16, 84, 0.9898],
  [0, 65_535, 1],
])('at bit error rate %d a packet of %i octets survives with (1-ber)^(8n)', (ber, octets, value) => {
  expect(survival(ber, octets)).toBeCloseTo((1 - ber) ** (8 * octets), 9);
  expect(survival(ber, octets)).toBeCloseTo(value, 4);
});

it('survives and errors agree with it', () => {
  const model = new BitErrorModel(1 / 2 ** 16, 7);
  const n = 200_000;
  expect(moments(n, () => Number(model.survives(1500))).mean).toBeCloseTo(0.8327, 2);
  expect(moments(n, () => Number(model.errors(1500) === 0)).mean).toBeCloseTo(0.8327, 2);
});

it.each([
  [1e-4, 1500, 1.2],
  [1e-2, 1500, 120.6],
])('the number of errors is Poisson: at %d its mean is its variance', (ber, octets, expected) => {
  const model = new BitErrorModel(ber, 11);
  const { mean, variance } = moments(20_000, () => model.errors(octets));
  expect(mean / expected).toBeCloseTo(1, 1);
  expect(variance / mean).toBeGreaterThan(0.95);
  expect(variance / mean).toBeLessThan(1.05);
});

it('hits every bit alike', () => {
  const model = new BitErrorModel(0.02, 3);
  const hits = new Array<number>(64).fill(0);
  for (let turn = 0; turn < 20_000; turn += 1) for (const bit of model.positions(8)) hits[bit]! += 1;
  const mean = hits.reduce((sum, x) => sum + x, 0) / 64;
  const chiSquare = hits.reduce((sum, x) => sum + (x - mean) ** 2 / mean, 0);
  expect(chiSquare).toBeLessThan(103.4); // 63 degrees of freedom, 0.1 %
});

it('flips as many bits as it says, each once, whatever the rate', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.999_999, noNaN: true }), fc.nat(), fc.nat(200), (ber, seed, octets) => {
      const packet = new Uint8Array(octets);
      const flipped = new BitErrorModel(ber, seed).corrupt(packet);
      const ones = packet.reduce((sum, octet) => sum + octet.toString(2).replaceAll('0', '').length, 0);
      expect(ones).toBe(flipped);
      expect(new BitErrorModel(ber, seed).positions(octets)).toHaveLength(flipped);
    }),
  );
});

it('bit 0 is the first on the wire', () => {
  let model = new BitErrorModel(0.2, 1);
  for (let seed = 1; ; seed += 1) {
    if (new BitErrorModel(0.2, seed).positions(2).join() !== '0') continue;
    model = new BitErrorModel(0.2, seed);
    break;
  }
  const packet = new Uint8Array(2);
  model.corrupt(packet);
  expect([...packet]).toEqual([0x80, 0]);
});

it.each([-1e-9, 1, 2, Number.NaN])('%d is no bit error rate', (ber) => {
  expect(() => new BitErrorModel(ber, 1)).toThrow(RangeError);
});
