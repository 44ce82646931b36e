import { describe, expect, test } from 'vitest';
import { invalidIn, isComplete, runsToGo } from '../../../src/cli/live/state.ts';
import { INVALID, measured, named, Story } from './build.ts';

const cellOf = ({ state }: Story, name = 'a') => state.cells.find((cell) => cell.name === name)!;

describe('what is known of a running experiment', () => {
  test('begins with every cell and what is planned for it', () => {
    const story = new Story([named('a'), named('b')], 5);
    expect(story.state.cells.map(({ name, runs, nullsLeft, ended }) => [name, runs, nullsLeft, ended.length])).toEqual([
      ['a', 5, 1, 0],
      ['b', 5, 1, 0],
    ]);
    expect(runsToGo(story.state)).toBe(12);
  });

  test('counts runs as they end; invalid and lost ones in no number', () => {
    const story = new Story([named('a', ['T_SYS'])], 6);
    story.done(story.find('a', 1, true), { ...INVALID, nullEvent: true });
    for (const [run, facts] of [measured({ T_SYS: 3 }), INVALID, null, measured({ T_SYS: 1 }), measured({ T_SYS: null })].entries())
      story.done(story.find('a', run + 1), facts);
    expect([cellOf(story).ended.length, invalidIn(cellOf(story)), cellOf(story).nullsLeft]).toEqual([5, 3, 0]);
    expect(cellOf(story).quartiles.T_SYS).toMatchObject({ n: 2, median: 0.002, q1: 0.0015 });
    expect(runsToGo(story.state)).toBe(1);
  });

  test('holds only metrics the experiment measures, and none of a null run', () => {
    const story = new Story([named('a', ['T_STALLED'])], 2);
    story.done(story.find('a', 1, true), measured({ 'T_STALLED.up': 5 }));
    story.done(story.find('a', 1), measured({ T_SYS: 1, 'T_STALLED.up': 7, 'T_STALLED.down': null }));
    expect(cellOf(story).quartiles).toMatchObject({ 'T_STALLED.up': { n: 1, median: 0.007 } });
    expect(Object.keys(cellOf(story).quartiles)).toHaveLength(1);
  });

  test('includes the runs of earlier invocations, but not in the pace of this one', () => {
    const planned = new Story([named('a', ['T_SYS'])], 3).planned;
    const earlier = planned.slice(0, 2).map((run) => ({ run, facts: measured({ T_SYS: 4 }) }));
    const story = new Story([named('a', ['T_SYS'])], 3, { earlier, planned });
    expect(cellOf(story)).toMatchObject({ ended: [{ run: 1 }], nullsLeft: 0, quartiles: { T_SYS: { n: 1 } } });
    expect([runsToGo(story.state), story.state.finishes]).toEqual([2, []]);
  });

  test('knows what is going on side by side, and how much of it there was at most', () => {
    const story = new Story([named('a'), named('b')], 3);
    const [first, second] = [story.find('a', 1), story.find('b', 1)];
    story.start(first).step(first, 'lab', 'links').start(second).step(first, 'events');
    expect(story.state.active).toEqual([
      { run: first, phase: 'events', title: '' },
      { run: second, phase: '', title: '' },
    ]);
    story.done(first);
    expect([story.state.active.map(({ run }) => run), story.state.abreast]).toEqual([[second], 2]);
    story.start(second); // again, in another guest
    expect(story.state.active).toHaveLength(1);
    expect(cellOf(story, 'b').touched).toBeGreaterThan(cellOf(story, 'a').touched);
  });

  test('a cell that has enough needs no more runs, and what went beyond does not count', () => {
    const story = new Story([named('a', ['T_SYS']), named('b')], 200, { untilCi: true });
    for (let run = 1; run <= 8; run++) story.done(story.find('a', run), run === 8 ? INVALID : measured({ T_SYS: run }));
    const [beyond, other] = [story.find('a', 9), story.find('b', 9)];
    story.start(beyond).start(other).tell({ type: 'enough', cell: 'a', run: 6 });
    expect(cellOf(story).quartiles.T_SYS).toMatchObject({ n: 6, max: 0.006 });
    expect([isComplete(cellOf(story)), invalidIn(cellOf(story)), runsToGo(story.state)]).toEqual([true, 0, 202]);
    expect(story.state.active.map(({ run }) => run)).toEqual([other]); // the other one is thrown away when it ends
  });

  test('a snapshot is being made until it is ready', () => {
    const story = new Story([named('a')], 1).tell({ type: 'snapshot', cell: 'a', state: 'making' });
    expect(cellOf(story).snapshot).toBe('making');
    expect(cellOf(story.tell({ type: 'snapshot', cell: 'a', state: 'ready' })).snapshot).toBe('ready');
  });

  test('no state is changed after it was given out', () => {
    const story = new Story([named('a', ['T_SYS'])], 2);
    const before = story.state;
    const copy = structuredClone(before);
    story.start(story.find('a', 1)).done(story.find('a', 1), measured({ T_SYS: 1 }));
    expect(before).toEqual(copy);
  });
});
