import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { renderLive } from '../../../src/cli/live/render.ts';
import { INVALID, measured, named, Story } from './build.ts';

const values = (i: number) =>
  measured({ T_IKE: 26, T_SYS: 101 + i / 10, T_RC: 1.5, 'T_STALLED.up': 20, 'T_STALLED.down': 150 + 5 * i, 'T_SWITCH.down': 150 + 5 * i });

/** Two guests in the middle of two cells. */
function underWay(): Story {
  const story = new Story([named('access=lab-ethernet'), named('access=public-hotspot')], 50);
  const at = (name: string, run: number, isNull = false) => story.find(`access=${name}`, run, isNull);
  story
    .after(30_000)
    .start(at('lab-ethernet', 1, true))
    .start(at('public-hotspot', 1, true));
  story
    .after(4000)
    .done(at('lab-ethernet', 1, true))
    .done(at('public-hotspot', 1, true));
  for (let run = 1; run <= 12; run++) {
    story.start(at('lab-ethernet', run)).start(at('public-hotspot', run)).after(4000).done(at('lab-ethernet', run), values(run));
    story.done(at('public-hotspot', run), run === 5 ? INVALID : values(run + 2));
  }
  story.start(at('lab-ethernet', 13)).step(at('lab-ethernet', 13), 'events', 'admin-down mn:eth1');
  return story.start(at('public-hotspot', 13)).after(1000);
}
const draw = ({ state }: Story, columns: number, rows = 24) => renderLive(state, { columns, rows, color: false });

describe('two cells', () => {
  test('in 80 columns', () => {
    expect(draw(underWay(), 80)).toEqual([
      'cell                                         runs  invalid     T_STALLED.down ms',
      'access=lab-ethernet    ████░░░░░░░░░░░░░░░  12/50        0  182.5 [168.8..196.3]',
      'access=public-hotspot  ████░░░░░░░░░░░░░░░  12/50        1  195.0 [177.5..207.5]',
      '> access=lab-ethernet run 13: events, admin-down mn:eth1',
      '> access=public-hotspot run 13: starting',
      '1:23 elapsed, 30.0 runs per minute, about 2:31 left',
    ]);
  });

  test('in 40 columns: names are cut, metrics have no room', () => {
    expect(draw(underWay(), 40)).toEqual([
      'cell                       runs  invalid',
      'access=lab-ethe…  █░░░░░  12/50        0',
      'access=public-h…  █░░░░░  12/50        1',
      '> access=lab-ethernet run 13: events, a…',
      '> access=public-hotspot run 13: starting',
      '1:23, 30.0 runs/min, about 2:31 left',
    ]);
  });

  test('in 200 columns: two metrics, a longer bar, and no more', () => {
    const lines = draw(underWay(), 200);
    expect(lines[0]).toMatch(/^cell +runs {2}invalid +T_STALLED\.down ms +T_SYS ms$/);
    expect(lines[2]).toMatch(
      /^access=public-hotspot {2}█{7}░{23} {2}12\/50 {8}1 {2}195\.0 \[177\.5\.\.207\.5\] {2}101\.9 \[101\.5\.\.102\.1\]$/,
    );
    expect(lines).toHaveLength(6);
  });

  test('before any run: what is being waited for', () => {
    const story = new Story([named('all')], 3).tell({ type: 'snapshot', cell: 'all', state: 'making' }).after(2500);
    expect(draw(story, 60)).toEqual([
      'cell                                  runs  invalid',
      'all   ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   0/3        0',
      '> all: getting the snapshot its runs start from',
      '0:02 elapsed, time left: not known yet',
    ]);
    story.tell({ type: 'snapshot', cell: 'all', state: 'ready' }).start(story.find('all', 1, true));
    expect(draw(story, 60)[2]).toBe('> all null run 1: starting');
  });

  test('after the last run the report is written', () => {
    const story = new Story([named('all')], 1);
    for (const run of story.planned) story.start(run).after(1000).done(run);
    expect(draw(story, 80).at(-1)).toBe('0:02 elapsed, 60.0 runs per minute, writing the report');
  });
});

describe('runs until the interval is narrow', () => {
  const story = new Story([named('a'), named('b')], 200, { untilCi: true });
  for (let run = 1; run <= 9; run++) story.start(story.find('a', run)).after(1000).done(story.find('a', run));
  story.tell({ type: 'enough', cell: 'a', run: 9 });

  test('are at most so many; a cell that has enough is full', () => {
    expect(draw(story, 60).slice(1)).toEqual([
      'a     ██████████████████████████████     9/9        0',
      'b     ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  0/≤200        0',
      '0:09 elapsed, 60.0 runs per minute, at most 3:22 left',
    ]);
  });
});

describe('100 cells', () => {
  const names = Array.from({ length: 100 }, (_, i) => `loss=${i}%`);
  const many = (): Story => {
    const story = new Story(
      names.map((name) => named(name)),
      2,
    );
    for (const name of names.slice(0, 60))
      story
        .start(story.find(name, 1, true))
        .after(500)
        .done(story.find(name, 1, true));
    for (const name of names.slice(60, 64)) story.start(story.find(name, 1, true));
    return story;
  };

  test('fold into the terminal’s rows: those at work and before them the latest, in their own order', () => {
    expect(draw(many(), 60, 12)).toEqual([
      'cell                                      runs  invalid',
      ...[59, 60, 61, 62, 63].map((i) => `loss=${i}%  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   0/2        0`),
      '... and 95 more cells',
      '> loss=60% null run 1: starting',
      '> loss=61% null run 1: starting',
      '> 2 more at work',
      '0:30 elapsed, 120.0 runs per minute, about 2:00 left',
    ]);
  });

  test('say how many of the others are complete', () => {
    const story = many();
    for (const name of names.slice(0, 30)) for (const run of [1, 2]) story.done(story.find(name, run));
    for (const name of names.slice(60, 64)) story.step(story.find(name, 1, true), 'lab');
    expect(draw(story, 60, 12)).toContain('... and 95 more cells, 29 complete');
  });

  test.each([1, 2, 3, 4, 5, 6, 24, 50])('fit %i rows', (rows) => {
    const lines = draw(many(), 80, rows);
    expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
    expect(lines.at(-1)).toContain('elapsed');
  });

  test('have a row each where there is room', () => {
    const lines = draw(many(), 80, 200);
    expect(lines.filter((line) => line.startsWith('loss='))).toHaveLength(100);
    expect(lines.join()).not.toContain('more');
  });
});

describe('the metrics shown', () => {
  const titles = (metrics: Record<string, number>, columns = 200): string[] => {
    const story = new Story([named('a')], 3);
    story.done(story.find('a', 1), measured(metrics));
    return draw(story, columns)[0]!.split(/ {2,}/).slice(3);
  };

  test.each<[string, Record<string, number>, string[]]>([
    [
      'the downlink’s stall and T_SYS',
      { T_SYS: 1, 'T_STALLED.up': 1, 'T_STALLED.down': 1, 'T_SWITCH.down': 1, 'loss.up': 1 },
      ['T_STALLED.down ms', 'T_SYS ms'],
    ],
    ['the first flow’s where no flow goes down', { 'T_STALLED.up': 1, 'T_STALLED.more': 1 }, ['T_STALLED.up ms', 'T_STALLED.more ms']],
    ['the switching time where no stall is measured', { T_IKE: 1, 'T_SWITCH.down': 1 }, ['T_SWITCH.down ms', 'T_IKE ms']],
    ['loss in packets where there is nothing else', { 'loss.up': 3000 }, ['loss.up']],
    ['none before the first value', {}, []],
  ])('are %s', (_, metrics, expected) => {
    expect(titles(metrics)).toEqual(expected);
  });

  test('have the unit they are printed in', () => {
    const story = new Story([named('a', ['throughput', 'CPU', 'retransmitted'])], 3);
    // `measured` takes thousandths
    story.done(story.find('a', 1), measured({ 'throughput.data': 94.5e9, 'CPU.mn.p64': 31_760e3, 'retransmitted.data': 3e3 }));
    const [head, line] = draw(story, 200).map((text) => text.split(/ {2,}/).slice(-2));
    expect(head).toEqual(['throughput.data Mbit/s', 'CPU.mn.p64 instructions/packet']);
    expect(line).toEqual(['94.50 [94.50..94.50]', '31\u202f760 [31\u202f760..31\u202f760]']);
    expect(Math.max(...draw(story, 80).map((text) => stringWidth(text)))).toBeLessThanOrEqual(80);
  });

  test('take SCTP’s parts of T_SYS and its handshake after what a handover cost', () => {
    const story = new Story([named('a', ['T_SCTP', 'T_SYS', 'T_RECOVER', 'T_STALLED'])], 3);
    story.done(story.find('a', 1), measured({ T_SCTP: 1, T_SYS: 300, 'T_SYS.timer': 270, 'T_SYS.rest': 30, 'T_RECOVER.data': 900 }));
    expect(draw(story, 200)[0]).toMatch(/T_SYS ms +T_RECOVER\.data ms$/);
  });

  test('are those every cell has a number for, or a dash', () => {
    const story = new Story([named('a'), named('b')], 3);
    story.done(story.find('a', 1), measured({ T_SYS: 5 }));
    expect(
      draw(story, 80)
        .slice(1, 3)
        .map((line) => line.split(/ {2,}/).at(-1)),
    ).toEqual(['5.000 [5.000..5.000]', '–']);
  });
});

describe('whatever the terminal and the names', () => {
  const ESC = String.fromCharCode(27);
  const story = new Story([named(`a=${ESC}[2J\n💥`), named('アクセス=公衆無線アクセスポイント'), named('x'.repeat(300))], 3);
  for (const run of story.planned.slice(0, 4)) story.start(run).step(run, 'lab', `${ESC}[31m\r\n`).after(1000).done(run, values(run.run));
  for (const run of story.planned.slice(4, 6)) story.start(run).step(run, 'lab', `${ESC}[31m\r\n`);

  test('no line is wider than the columns, nor more than the rows, coloured or not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 250 }), fc.integer({ min: 1, max: 60 }), fc.boolean(), (columns, rows, color) => {
        const lines = renderLive(story.state, { columns, rows, color });
        for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
        expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
        expect(lines.map(stripVTControlCharacters)).toEqual(renderLive(story.state, { columns, rows, color: false }));
      }),
    );
  });

  test('no control character of a name comes through, and colour only when asked for', () => {
    const text = draw(story, 120).join('');
    expect(text).toMatch(/^\P{C}*$/u);
    const painted = renderLive(underWay().state, { columns: 120, rows: 24, color: true });
    expect(painted[0]).toMatch(new RegExp(`^${ESC}\\[1mcell`));
    expect(painted[1]).not.toContain(`${ESC}[31m`);
    expect(painted[2]).toContain(`${ESC}[31m      1${ESC}[39m`);
  });
});
