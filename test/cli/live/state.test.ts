import { describe, expect, test } from 'vitest';
import { runsToGo } from '../../../src/cli/live/state.ts';
import { INVALID, measured, named, Story } from './build.ts';

const cellOf = ({ state }: Story, name = 'a') => state.cells.find((cell) => cell.name === name)!;

describe('what is known of a running experiment', () => {
  test('begins with every cell and what is planned for it', () => {
    const story = new Story([named('a'), named('b')], 5);
    expect(story.state.cells.map(({ name, runs, nullsLeft, done }) => [name, runs, nullsLeft, done])).toEqual([
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
    expect(cellOf(story)).toMatchObject({ done: 5, invalid: 3, nullsLeft: 0, quartiles: { T_SYS: { n: 2, median: 0.002, q1: 0.0015 } } });
    expect(runsToGo(story.state)).toBe(1);
  });

  test('holds only metrics the experiment measures, and none of a null run', () => {
    const story = new Story([named('a', ['T_STALLED'])], 2);
    story.done(story.find('a', 1, true), measured({ 'T_STALLED.up': 5 }));
    story.done(story.find('a', 1), measured({ T_SYS: 1, 'T_STALLED.up': 7, 'T_STALLED.down': null }));
    expect(cellOf(story).values).toEqual({ 'T_STALLED.up': [0.007] });
  });

  test('includes the runs of earlier invocations, but not in the pace of this one', () => {
    const planned = new Story([named('a', ['T_SYS'])], 3).planned;
    const earlier = planned.slice(0, 2).map((run) => ({ run, facts: measured({ T_SYS: 4 }) }));
    const story = new Story([named('a', ['T_SYS'])], 3, { earlier, planned });
    expect(cellOf(story)).toMatchObject({ done: 1, nullsLeft: 0, values: { T_SYS: [0.004] } });
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

  test('a cell that has enough needs no more runs', () => {
    const story = new Story([named('a'), named('b')], 200, { untilCi: true });
    for (let run = 1; run <= 8; run++) story.done(story.find('a', run));
    story.tell({ type: 'enough', cell: 'a', run: 7 });
    expect([cellOf(story).enough, runsToGo(story.state)]).toEqual([7, 202]);
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
