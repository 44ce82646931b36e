import { expect, test } from 'vitest';
import type { LabLink, Shape } from '../../src/types/experiment.ts';
import { exitOf, isShaped, linkSides, sides, WIRE } from '../../src/types/wire.ts';
import { cell } from '../metrics/build.ts';

const shape = (delay: number): Shape => ({ delay, jitter: 0, rate: 0, loss: 0, limit: 1000 });
const A = { node: 'mn', interface: 'eth1' };
const B = { node: 'router', interface: 'mn1' };
const link = (forward: Shape | null, backward: Shape | null): LabLink => ({ name: 'l', ends: [A, B], forward, backward });

test('an unshaped link is one pair: each end is the other’s peer', () => {
  expect(sides(link(null, null), 3)).toEqual([
    { end: A, peer: B, egress: null },
    { end: B, peer: A, egress: null },
  ]);
});

test('a shaped link: frames are shaped where they leave the wire for the other end', () => {
  const [wireA, wireB] = ['w3a', 'w3b'].map((name) => ({ node: WIRE, interface: name }));
  expect(sides(link(shape(1), shape(2)), 3)).toEqual([
    { end: A, peer: wireA, egress: { at: wireB, shape: shape(1) } },
    { end: B, peer: wireB, egress: { at: wireA, shape: shape(2) } },
  ]);
  expect(sides(link(null, shape(2)), 3).map((s) => s.egress)).toEqual([null, { at: wireA, shape: shape(2) }]);
  expect([isShaped(link(null, shape(2))), isShaped(link(shape(1), null)), isShaped(link(null, null))]).toEqual([true, true, false]);
});

test('seen from either end: own side first; the exit is where its frames leave for the other', () => {
  for (const shaped of [true, false]) {
    const one = shaped ? link(shape(1), shape(2)) : link(null, null);
    const lab = cell({
      links: [
        {
          ...one,
          ends: [
            { node: 'x', interface: 'x' },
            { node: 'y', interface: 'y' },
          ],
        },
        one,
      ],
    });
    for (const end of [A, B]) {
      const [own, far] = linkSides(lab, end);
      expect(own.end).toEqual(end);
      expect(exitOf(own, far)).toEqual(own.egress?.at ?? end);
    }
  }
  expect(() => linkSides(cell({ links: [] }), A)).toThrow('no link at mn:eth1');
});
