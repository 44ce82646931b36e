import { describe, expect, test } from 'vitest';
import { burst, netemWords, shapeLines } from '../../src/plan/shaping.ts';
import { seedSteps, wireSteps } from '../../src/plan/topology.ts';
import type { Shape } from '../../src/types/experiment.ts';
import { cell } from '../metrics/build.ts';

const SHAPE: Shape = { delay: 0.005, jitter: 0, rate: 1_450_000, loss: 0.01, limit: 60, priority: true };

describe('a direction with priority', () => {
  test('netem delays and loses without a queue of its own; the rate and the queue are below it', () => {
    expect(shapeLines('w0b', SHAPE, 1500)).toEqual([
      'qdisc add dev w0b root handle 1: netem limit 100000 delay 5000us loss 1%',
      'qdisc add dev w0b parent 1:1 handle 2: tbf rate 1450000bit burst 1514 limit 90840',
      'qdisc add dev w0b parent 2:1 handle 3: prio bands 2 priomap 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1',
      'qdisc add dev w0b parent 3:1 pfifo limit 60',
      'qdisc add dev w0b parent 3:2 pfifo limit 60',
      'filter add dev w0b parent 3: protocol ip prio 1 u32 match ip tos 0x10 0xfc flowid 3:1',
    ]);
  });

  test('tbf’s bucket holds one packet of the largest size with its Ethernet header, and no less on links of small ones', () => {
    expect([1280, 1500, 1600, 9000].map(burst)).toEqual([1514, 1514, 1614, 9014]);
  });

  test('without it everything is netem’s', () => {
    const { priority: _, ...plain } = SHAPE;
    expect(shapeLines('w0b', plain, 1500)).toEqual([`qdisc add dev w0b root netem ${netemWords(plain)}`]);
    expect(netemWords(plain)).toContain('rate 1450000bit');
  });

  const ends = [
    { node: 'mn', interface: 'eth0' },
    { node: 'sgw', interface: 'wan' },
  ] as const;
  const linked = cell({ links: [{ name: 'l', ends: [...ends], forward: SHAPE, backward: { ...SHAPE, loss: 0 } }] });

  test('a run’s seed changes netem alone', () => {
    const lines = seedSteps(linked, { seed: 1, netemSeed: true }).flatMap((step) => (step.do === 'batch' ? step.lines : []));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^qdisc change dev w0b root netem limit 100000 delay 5000us loss 1% seed \d+$/);
  });

  test('is read back with the size of its bucket', () => {
    expect(wireSteps(linked).verify).toMatchObject([
      {
        expect: [
          { dev: 'w0b', burst: 1514 },
          { dev: 'w0a', burst: 1514 },
        ],
      },
    ]);
  });
});
