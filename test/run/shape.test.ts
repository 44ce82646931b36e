/** Shapes against what `tc -j qdisc show` printed in a real guest (iproute2 6.15), and against values changed in it. */
import { describe, expect, test } from 'vitest';
import { type ReportedQdisc, shapeDifferences } from '../../src/lab/shape.ts';
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
