import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { progressReporter } from '../../src/cli/progress.ts';
import type { Progress } from '../../src/experiment/index.ts';
import type { RunFacts } from '../../src/types/run.ts';
import { INVALID, measured, named, Story } from './live/build.ts';
import { fakeTerminal } from './live/terminal.ts';

const story = new Story([named('all')], 3);
const [nothing, first, second, third] = story.planned as [never, never, never, never];
const leaked = {
  ...INVALID,
  gates: [{ name: 'cleartext', ok: false, severity: 'invalid', detail: 'leaked\nmore' }],
} as unknown as RunFacts;
const total = story.planned.length;
const EVENTS: Progress[] = [
  { type: 'note', line: 'building the guest image' },
  { type: 'backend', backend: { kind: 'netns', why: 'root', clock: 'real', patched: null } },
  { type: 'runs', total, kept: 0, folder: '/results/x', planned: story.planned, earlier: [], untilCi: false },
  { type: 'start', run: nothing, finished: 0, total },
  { type: 'done', run: nothing, finished: 1, total, facts: { ...measured({}), nullEvent: true } as RunFacts },
  { type: 'start', run: first, finished: 1, total },
  { type: 'step', run: first, finished: 1, total, phase: 'lab', title: 'links' },
  { type: 'done', run: first, finished: 2, total, facts: measured({ T_SYS: 101, 'T_STALLED.up': 20 }) },
  { type: 'start', run: second, finished: 2, total },
  { type: 'done', run: second, finished: 3, total, facts: leaked },
  { type: 'start', run: third, finished: 3, total },
];
const ABOVE = ['building the guest image', 'backend netns: root', '4 runs, results in /results/x'];

/** A second passes whenever somebody looks. */
function ticking(): () => number {
  let now = -1000;
  return () => {
    now += 1000;
    return now;
  };
}

/** What a stream that is no terminal gets. */
function lines(quiet: boolean, env = {}, tty = false): string[] {
  const stream = Object.assign(new PassThrough(), { isTTY: tty }) as unknown as NodeJS.WriteStream & PassThrough;
  const { report, end } = progressReporter(stream, { quiet, env, now: ticking() });
  for (const event of EVENTS) report(event);
  report({ type: 'done', run: third, finished: 4, total, facts: null });
  end(true);
  return (stream.read()?.toString() ?? '').trimEnd().split('\n');
}

describe('elsewhere than on a terminal', () => {
  const expected = [
    ...ABOVE,
    '[0:05] 1/4 all null 1: null run',
    '[0:08] 2/4 all run 1: T_SYS 101.0',
    '[0:10] 3/4 all run 2: invalid: leaked',
    '[0:12] 4/4 all run 3: not analysed',
    '4 runs in 0:13, 18.5 per minute',
  ];

  test('there is a line for each finished run', () => {
    expect(lines(false)).toEqual(expected);
  });

  test('and on a terminal that cannot move its cursor', () => {
    expect(lines(false, { TERM: 'dumb' }, true)).toEqual(expected);
  });

  test('quiet is nothing', () => {
    expect(lines(true)).toEqual(['']);
  });
});

describe('on a terminal', () => {
  const started = () => {
    const terminal = fakeTerminal(80, 24);
    const reporter = progressReporter(terminal.stream, { quiet: false, env: { NO_COLOR: '1' }, now: ticking() });
    for (const event of EVENTS) reporter.report(event);
    return { terminal, ...reporter };
  };
  const above = [...ABOVE, expect.stringMatching(/^\[0:\d\d\] 3\/4 all run 2: invalid: leaked$/)];

  test('valid runs are in the table, invalid ones also said above it', async () => {
    const { terminal, end } = started();
    end(false);
    const seen = await terminal.seen();
    expect(seen.slice(0, 4)).toEqual(above);
    expect(seen[4]).toMatch(/^cell +runs +invalid +T_STALLED\.up ms +T_SYS ms$/);
    expect(seen[5]).toMatch(/^all +█+░+ +2\/3 +1 +20\.00 \[20\.00\.\.20\.00\] +101\.0 \[101\.0\.\.101\.0\]$/);
    expect(seen[6]).toBe('> all run 3: starting');
    expect(seen).toHaveLength(8); // and the time
  });

  test('the table goes when the results come', async () => {
    const { terminal, report, end } = started();
    report({ type: 'done', run: third, finished: 4, total, facts: measured({ T_SYS: 1 }) });
    end(true);
    expect(await terminal.seen()).toEqual([...above, expect.stringMatching(/^4 runs in 0:\d\d, /)]);
  });

  test('nothing left to do is no table', async () => {
    const terminal = fakeTerminal(80, 24);
    const { report, end } = progressReporter(terminal.stream, { quiet: false, env: {} });
    const earlier = story.planned.map((run) => ({ run, facts: null }));
    report({ type: 'runs', total, kept: total, folder: '/r', planned: story.planned, earlier, untilCi: false });
    end(true);
    expect(await terminal.seen()).toEqual(['4 runs, 4 of them already done, results in /r']);
  });

  test('colour follows NO_COLOR', async () => {
    const painted = async (env: Record<string, string>): Promise<boolean> => {
      const terminal = fakeTerminal(80, 24);
      const { report, end } = progressReporter(terminal.stream, { quiet: false, env });
      for (const event of EVENTS) report(event);
      end(false);
      await terminal.seen();
      return terminal.raw().includes('\u001b[1mcell');
    };
    expect([await painted({}), await painted({ NO_COLOR: '1' })]).toEqual([true, false]);
  });
});
