import { describe, expect, test } from 'vitest';
import { MessageSchedule } from '../../src/traffic/schedule.ts';

function schedule(rate: number, phase = 0): MessageSchedule {
  const made = new MessageSchedule(rate, phase);
  made.begin(1000, 1000 + 10e6);
  return made;
}

/** Messages taken at `now`, and when to come back. */
function taken(made: MessageSchedule, now: number, most = 1000): [count: number, next: number] {
  let count = 0;
  for (; count < most && made.due(now); count++) made.took();
  return [count, made.next(now)];
}

test('nothing is due before it has begun', () => {
  const made = new MessageSchedule(1000, 0);
  expect([made.due(5), made.next(5)]).toEqual([false, Number.POSITIVE_INFINITY]);
});

describe('with a rate', () => {
  test('one message per place, from the phase on, the last one before the end', () => {
    const made = schedule(1000, 0.5);
    expect(taken(made, 1000)).toEqual([0, 1000 + 0.5e6]);
    expect(taken(made, 1000 + 0.5e6)).toEqual([1, 1000 + 1.5e6]);
    expect(taken(made, 1000 + 5e6)).toEqual([4, 1000 + 5.5e6]);
    expect(taken(made, 1000 + 9.6e6)).toEqual([5, Number.POSITIVE_INFINITY]);
  });

  test('what a late thread did not get to is still sent', () => {
    expect(taken(schedule(1000), 1000 + 12e6)).toEqual([10, Number.POSITIVE_INFINITY]);
  });

  test('what waits for room is sent when there is some, and its place stays', () => {
    const made = schedule(1000);
    expect(taken(made, 1000)[0]).toBe(1);
    made.waits();
    expect(taken(made, 1000 + 4.5e6)).toEqual([4, 1000 + 5e6]);
  });

  test('what still waits at the end is given up', () => {
    const made = schedule(1000);
    made.waits();
    expect(taken(made, 1000 + 10e6)).toEqual([0, Number.POSITIVE_INFINITY]);
  });
});

describe('without a rate', () => {
  test('something is always due between begin and end', () => {
    const made = schedule(0, 0.7);
    expect(taken(made, 999)).toEqual([0, 1000]);
    expect(taken(made, 1000, 50)[0]).toBe(50);
    expect(taken(made, 999 + 10e6, 50)[0]).toBe(50);
    expect(taken(made, 1000 + 10e6)).toEqual([0, Number.POSITIVE_INFINITY]);
  });
});
