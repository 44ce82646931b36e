import { expect, it } from 'vitest';
import type { Moment } from '../../src/metrics/moment.ts';
import type { Outage } from '../../src/metrics/outage.ts';
import { meanRate, throughputOf } from '../../src/metrics/throughput.ts';
import { ms, run } from './build.ts';

const moment = (t0: number | null): Moment => ({ event: null, t0: t0 === null ? null : ms(t0), horizon: ms(4000), notes: [] });
/** 100 octets each 10 ms in [from, to) ms */
const steady = (from: number, to: number, octets = 100) =>
  Array.from({ length: (to - from) / 10 }, (_, i) => ({ t: ms(from + 10 * i), octets }));
const outage = (start: number, end: number): Outage => ({
  kind: 'outage',
  gapStart: ms(start),
  gapEnd: ms(end),
  longest: (end - start) / 1e3,
});

it('has t0 as an edge, and begins where the flows do', () => {
  const { start, octets } = throughputOf(run(), moment(2030), steady(1000, 4000), null)!;
  expect(start).toBe(ms(930));
  expect(octets[0]).toBe(300);
  expect(octets[1]).toBe(1000);
  expect(octets.reduce((sum, count) => sum + count, 0)).toBe(30_000);
});

it('takes the last second before t0, or what there is of it', () => {
  const portions = [...steady(1000, 1400, 50), ...steady(1400, 4000)];
  expect(throughputOf(run(), moment(2400), portions, null)!.before).toBe(80_000);
  expect(throughputOf(run(), moment(1600), portions, null)!.before).toBeCloseTo(160_000 / 3, 6);
  expect(throughputOf(run(), moment(1000), portions, null)!.before).toBeNull();
});

it('is back with three bins in a row, not with a burst', () => {
  const burst = [...steady(1000, 2000), ...steady(2500, 2700), ...steady(2900, 4000)];
  const { recovered, missing } = throughputOf(run(), moment(2000), burst, outage(1990, 2500))!;
  expect(recovered).toBe(0.9);
  expect(missing).toBe(9000 - 2000);
});

it('is not back before the outage is over, even if much arrives first', () => {
  const portions = [...steady(1000, 2400), ...steady(3000, 4000)];
  expect(throughputOf(run(), moment(2000), portions, outage(2390, 3000))).toMatchObject({ recovered: 1, missing: 6000 });
});

it('is not back before traffic is, in the bin in which the outage ended', () => {
  const portions = [...steady(1000, 2000), ...steady(2500, 2510, 900), ...steady(2510, 4000)];
  const early = portions.map(({ t, octets }) => (t === ms(2500) ? { t: ms(2503), octets } : { t, octets }));
  expect(throughputOf(run(), moment(2000), early, outage(1990, 2503))).toMatchObject({ recovered: 0.503, missing: 5030 });
});

it('never is when it stays below nine tenths or the flow does not resume', () => {
  const slow = [...steady(1000, 2000), ...steady(2100, 4000, 80)];
  expect(throughputOf(run(), moment(2000), slow, outage(1990, 2100))).toMatchObject({ recovered: null, missing: null });
  const gone: Outage = { kind: 'not-resumed', gapStart: ms(2400), gapEnd: null, longest: null };
  expect(throughputOf(run(), moment(2000), steady(1000, 2400), gone)!.recovered).toBeNull();
});

it('recovers at once when nothing happened, or no more than a gap that the bins do not show', () => {
  expect(throughputOf(run(), moment(2000), steady(1000, 4000), outage(3490, 3500))!.recovered).toBe(0);
  expect(throughputOf(run(), moment(2000), steady(1000, 4000), null)).toMatchObject({ recovered: 0, missing: 0 });
});

it('is the mean of the flow without an event', () => {
  expect(throughputOf(run(), moment(null), steady(1000, 4000), null)).toMatchObject({ start: ms(1000), before: null, recovered: null });
  expect(meanRate(run(), steady(1000, 4000))).toBe(80_000);
  expect(meanRate(run({ flowsStop: ms(1000) }), steady(1000, 4000))).toBeNull();
});

it('of nothing, or of years, is none', () => {
  expect(throughputOf(run(), moment(2000), [], null)).toBeNull();
  expect(throughputOf(run(), moment(2000), [{ t: 1e18, octets: 1 }], null)).toBeNull();
  expect(throughputOf(run({ flowsStart: -1e18 }), moment(2000), steady(1000, 2000), null)).toBeNull();
});
