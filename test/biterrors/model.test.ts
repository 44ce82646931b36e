import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BitErrorModel, survival, threshold } from '../../src/biterrors/model.ts';
import { countsOf, stateOf, tableOf } from '../../src/biterrors/program.ts';
import { splitMix64 } from '../../src/biterrors/random.ts';

it('draws the numbers of SplitMix64', () => {
  const draw = splitMix64(1_234_567n);
  // of the reference implementation (Vigna), seed 1234567
  expect(Array.from({ length: 5 }, draw)).toEqual([
    6_457_827_717_110_365_317n,
    3_203_168_211_198_807_973n,
    9_817_491_932_198_370_423n,
    4_593_380_528_125_082_431n,
    16_408_922_859_458_223_821n,
  ]);
});

it.each([
  [1 / 2 ** 19, 1500, 0.9774],
  [1 / 2 ** 16, 1500, 0.8327],
  [1 / 2 ** 16, 84, 0.9898],
  [0, 65_535, 1],
])('at bit error rate %d a packet of %i octets survives with (1-ber)^(8n)', (ber, octets, value) => {
  expect(survival(ber, octets)).toBeCloseTo(value, 4);
  expect(survival(ber, octets)).toBeCloseTo((1 - ber) ** (8 * octets), 9);
  expect(1 - threshold(ber, octets) / 2 ** 53).toBeCloseTo(survival(ber, octets), 12);
});

it('a rate so small that 1 - rate is 1 still loses packets as often as it says', () => {
  expect(threshold(2 ** -50, 1)).toBe(64);
});

it('thresholds grow with rate and length, from nothing to everything', () => {
  const rate = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const octets = fc.nat(65_535);
  fc.assert(
    fc.property(rate, octets, octets, (ber, a, b) => {
      const [short, long] = [threshold(ber, Math.min(a, b)), threshold(ber, Math.max(a, b))];
      return Number.isInteger(short) && 0 <= short && short <= long && long <= 2 ** 53;
    }),
  );
  expect(threshold(0, 65_535)).toBe(0);
  expect(threshold(0.9, 0)).toBe(0);
  expect(threshold(0.9, 1500)).toBe(2 ** 53);
});

it.each([-1e-9, 1, 2, Number.NaN, Number.POSITIVE_INFINITY])('a bit error rate of %d is refused', (ber) => {
  expect(() => new BitErrorModel(ber, 1)).toThrow(RangeError);
  expect(() => tableOf(ber)).toThrow(RangeError);
});

it('loses as many packets as the lengths say', () => {
  const lost = (octets: number) => {
    const model = new BitErrorModel(1 / 2 ** 17, 11);
    return Array.from({ length: 50_000 }, () => model.loses(octets)).filter(Boolean).length / 50_000;
  };
  for (const octets of [40, 576, 1500]) expect(lost(octets)).toBeCloseTo(1 - survival(1 / 2 ** 17, octets), 2);
});

it('follows from the seed, and takes one draw for each packet whatever its length', () => {
  const losses = (seed: number, lengths: number[]) => {
    const model = new BitErrorModel(1e-4, seed);
    return lengths.map((octets) => model.loses(octets));
  };
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), fc.array(fc.nat(1500), { minLength: 1, maxLength: 50 }), (seed, lengths) => {
      const all = losses(seed, [...lengths, 1000]);
      expect(losses(seed, [...lengths.map(() => 0), 1000]).at(-1)).toBe(all.at(-1));
      expect(losses(seed, [...lengths, 1000])).toEqual(all);
    }),
  );
  expect(losses(1, Array<number>(200).fill(1000))).not.toEqual(losses(2, Array<number>(200).fill(1000)));
});

it('the values of the maps are what the program reads', () => {
  const table = new DataView(tableOf(1e-5).buffer);
  expect(table.byteLength).toBe(524_288);
  for (const octets of [0, 20, 1500, 65_535]) expect(Number(table.getBigUint64(8 * octets, true))).toBe(threshold(1e-5, octets));
  const state = stateOf(0xfedc_ba98);
  expect(new DataView(state.buffer).getBigUint64(0, true)).toBe(0xfedc_ba98n);
  expect(countsOf(state)).toEqual({ passed: 0, dropped: 0 });
});
