/** Shapes against what `tc -j qdisc show` printed in a real guest (iproute2 6.15), and against values changed in it. */
import { describe, expect, test } from 'vitest';
import { preferring, type ReportedFilter, type ReportedQdisc, shapeDifferences } from '../../src/lab/shape.ts';
import type { Shape } from '../../src/types/experiment.ts';

const REPORTED = JSON.parse(
  '[{"kind":"netem","handle":"8004:","dev":"w0a","root":true,"refcnt":2,"options":{"limit":1000,"delay":{"delay":0.0075,"jitter":0,"correlation":0},"rate":{"rate":2500000,"packetoverhead":0,"cellsize":0,"celloverhead":0},"seed":10891879296517594900,"ecn":false,"gap":0}},{"kind":"clsact","handle":"ffff:","dev":"w0a","parent":"ffff:fff1","options":{}},{"kind":"netem","handle":"8003:","dev":"w0b","root":true,"refcnt":2,"options":{"limit":1000,"delay":{"delay":0.0075,"jitter":0.002,"correlation":0},"loss-random":{"loss":0.01,"correlation":0},"seed":801533037329467549,"ecn":false,"gap":0}}]',
) as ReportedQdisc[];
const A: Shape = { delay: 0.0075, jitter: 0, rate: 20e6, loss: 0, limit: 1000 };
const B: Shape = { delay: 0.0075, jitter: 0.002, rate: 0, loss: 0.01, limit: 1000 };
const differences = (more: Partial<Shape>, dev = 'w0a') =>
  shapeDifferences(REPORTED, [{ dev, shape: { ...(dev === 'w0a' ? A : B), ...more } }]);

test('as asked: nothing to say', () => {
  expect(
    shapeDifferences(REPORTED, [
      { dev: 'w0a', shape: A },
      { dev: 'w0b', shape: B },
    ]),
  ).toEqual([]);
  expect(shapeDifferences(REPORTED, [])).toEqual([]);
});

describe('each value that differs is named', () => {
  test.each<[Partial<Shape>, string]>([
    [{ delay: 0.0076 }, 'w0a: delay is 0.0075, not 0.0076'],
    [{ delay: 0 }, 'w0a: delay is 0.0075, not 0'],
    [{ jitter: 0.00001 }, 'w0a: jitter is 0, not 0.00001'],
    [{ rate: 0 }, 'w0a: rate is 20000000, not 0'],
    [{ rate: 20_001_000 }, 'w0a: rate is 20000000, not 20001000'],
    [{ loss: 1e-6 }, 'w0a: loss is 0, not 0.000001'],
    [{ limit: 1001 }, 'w0a: limit is 1000, not 1001'],
  ])('%o', (more, said) => {
    expect(differences(more)).toEqual([said]);
  });

  test('all of them at once', () => {
    expect(differences({ delay: 1, jitter: 1, rate: 1e9, loss: 1, limit: 1 }, 'w0b')).toHaveLength(5);
  });
});

test.each<Partial<Shape>>([{ delay: 0.0075004 }, { rate: 20_000_007 }])('%o is rounding', (more) => {
  expect(differences(more)).toEqual([]);
});

test('a device without netem, or with something else, is said so', () => {
  const clsact = REPORTED.filter((q) => q.kind === 'clsact');
  expect(shapeDifferences(clsact, [{ dev: 'w0a', shape: A }])).toEqual(['w0a: no netem']);
  expect(shapeDifferences([], [{ dev: 'w7a', shape: A }])).toEqual(['w7a: no netem']);
});

describe('a shape with priority', () => {
  /** Of the same guest, with the lines of plan/shaping.ts. */
  const LAYERS = JSON.parse(
    '[{"kind":"netem","handle":"1:","dev":"w0b","root":true,"refcnt":3,"options":{"limit":100000,"delay":{"delay":0.1,"jitter":0,"correlation":0},"seed":1619030227359025531,"ecn":false,"gap":0}},{"kind":"tbf","handle":"2:","dev":"w0b","parent":"1:1","options":{"rate":181250,"burst":1513,"lat":492833}},{"kind":"pfifo","handle":"8003:","dev":"w0b","parent":"3:2","options":{"limit":60}},{"kind":"pfifo","handle":"8002:","dev":"w0b","parent":"3:1","options":{"limit":60}},{"kind":"prio","handle":"3:","dev":"w0b","parent":"2:1","options":{"bands":2,"priomap":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"multiqueue":false}},{"kind":"clsact","handle":"ffff:","dev":"w0b","parent":"ffff:fff1","options":{}}]',
  ) as ReportedQdisc[];
  const FILTERS = JSON.parse(
    '[{"protocol":"ip","pref":1,"kind":"u32","chain":0},{"protocol":"ip","pref":1,"kind":"u32","chain":0,"options":{"fh":"800:","ht_divisor":1}},{"protocol":"ip","pref":1,"kind":"u32","chain":0,"options":{"fh":"800::800","order":2048,"key_ht":"800","bkt":"0","flowid":"3:1","not_in_hw":true,"match":{"value":"100000","mask":"fc0000","offmask":"","off":0}}}]',
  ) as ReportedFilter[];
  const asked = { dev: 'w0b', shape: { delay: 0.1, jitter: 0, rate: 1_450_000, loss: 0, limit: 60, priority: true as const }, burst: 1514 };
  const without = (kind: string) => LAYERS.filter((q) => q.kind !== kind);

  test('as asked: nothing to say', () => {
    expect(shapeDifferences(LAYERS, [asked])).toEqual([]);
    expect(preferring(FILTERS)).toBe(true);
  });

  test('each value that differs is named', () => {
    const differences = (more: Partial<Shape>) => shapeDifferences(LAYERS, [{ ...asked, shape: { ...asked.shape, ...more } }]);
    expect(differences({ rate: 1_451_000 })).toEqual(['w0b: rate is 1450000, not 1451000']);
    expect(differences({ delay: 0.2 })).toEqual(['w0b: delay is 0.1, not 0.2']);
    expect(differences({ limit: 61 })).toEqual(['w0b: limit is 60, not 61', 'w0b: limit is 60, not 61']);
    expect(shapeDifferences(LAYERS, [{ ...asked, burst: 1600 }])).toEqual(['w0b: burst is 1513, not 1600']);
  });

  test('and each part that is missing', () => {
    expect(shapeDifferences(without('netem'), [asked])).toEqual(['w0b: no netem']);
    expect(shapeDifferences(without('tbf'), [asked])).toEqual(['w0b: no tbf']);
    expect(shapeDifferences(without('prio'), [asked])).toEqual(['w0b: no prio']);
    expect(shapeDifferences(without('pfifo'), [asked])).toEqual(['w0b: limit is 0, not 60', 'w0b: limit is 0, not 60']);
    expect(preferring(FILTERS.slice(0, 2))).toBe(false);
    expect(preferring([])).toBe(false);
  });

  test('a prio that sorts by itself is found out', () => {
    const sorts = LAYERS.map((q) => (q.kind === 'prio' ? { ...q, options: { bands: 2, priomap: [1, 0, 1] } } : q));
    expect(shapeDifferences(sorts, [asked])).toEqual(['w0b: prio looks at more than the filter']);
  });
});
