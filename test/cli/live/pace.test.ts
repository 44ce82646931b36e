import { describe, expect, test } from 'vitest';
import { clock, pace, timeLeft } from '../../../src/cli/live/pace.ts';
import { named, Story } from './build.ts';

/** Runs of one cell that end at these instants, in ms, so many of them at a time. */
function ending(at: readonly number[], runs: number, guests = 1): Story {
  const story = new Story([named('a')], runs);
  const order = [story.find('a', 1, true), ...story.planned.filter(({ nullEvent }) => !nullEvent)];
  for (const run of order.slice(0, guests)) story.start(run);
  for (const [i, instant] of at.entries()) {
    story.after(instant - story.now).done(order[i]!);
    const next = order[i + guests];
    if (next !== undefined) story.start(next);
  }
  return story;
}

describe('the time left', () => {
  test('is not known before a second run has ended', () => {
    expect([ending([], 9), ending([40_000], 9)].map(({ state }) => timeLeft(state))).toEqual([null, null]);
    expect(timeLeft(ending([40_000, 43_000], 9).state)).toBe(24_000); // 8 more
  });

  test('is not spoilt by a slow beginning, nor by one slow run later', () => {
    const story = ending([90_000, 93_000, 96_000, 140_000, 143_000, 146_000], 25);
    expect([pace(story.state), timeLeft(story.state)]).toEqual([3000, 20 * 3000]);
  });

  test('takes guests that end their runs together as the two they are', () => {
    const story = ending([20_000, 20_100, 27_000, 27_100, 34_000, 34_100], 25, 2);
    expect([story.state.abreast, pace(story.state), timeLeft(story.state)]).toEqual([2, 3500, 70_000]);
  });

  test('follows when the machine becomes slower', () => {
    const quick = Array.from({ length: 30 }, (_, i) => 10_000 + i * 1000);
    const slow = Array.from({ length: 20 }, (_, i) => quick.at(-1)! + (i + 1) * 5000);
    expect(pace(ending([...quick, ...slow], 100).state)).toBe(5000);
  });

  test('runs down between two runs, and not below nothing', () => {
    const story = ending([10_000, 14_000], 4);
    expect([0, 1000, 60_000].map((ms) => timeLeft(story.after(ms).state))).toEqual([12_000, 11_000, 0]);
  });
});

test('a clock shows hours only when there are some', () => {
  expect([0, 999, 59_999, 65_000, 3_599_000, 3_600_000, 36_125_000].map(clock)).toEqual([
    '0:00',
    '0:00',
    '0:59',
    '1:05',
    '59:59',
    '1:00:00',
    '10:02:05',
  ]);
});
