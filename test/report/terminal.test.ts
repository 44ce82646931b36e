import { describe, expect, it } from 'vitest';
import { milliseconds, named, offset, printed, signed } from '../../src/report/format.ts';
import { renderTerminal, styleFor } from '../../src/report/index.ts';
import { table, wrap } from '../../src/report/terminal/table.ts';
import type { CellSummary } from '../../src/types/run.ts';
import { experiment } from './build.ts';

const { summary } = experiment();

describe('the summary', () => {
  it.each([80, 100, 120, 200])('fits %i columns', (columns) => {
    const text = renderTerminal(summary, { columns, color: false });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  it('shows more columns where there is room', () => {
    const wide = renderTerminal(summary, { columns: 120, color: false });
    const narrow = renderTerminal(summary, { columns: 60, color: false });
    expect(wide).toMatch(/median +q1 +q3 +min +max/);
    expect(narrow).not.toMatch(/ max/);
    expect(narrow).toMatch(/median/);
  });

  it('lists invalid runs with their reasons', () => {
    const text = renderTerminal(summary, { columns: 200, color: false });
    expect(text).toContain('invalid run 5: cleartext: 12 packets 10.9.0.1 > 10.8.0.1 protocol 17 left mn:eth1');
    expect(text).toContain('9 of 11 runs valid, 3 null runs, quiet');
    expect(text).toContain('3 null runs, not quiet');
  });

  it('shortens a long list of invalid runs and says by how much', () => {
    const long = structuredClone(summary);
    long.cells[0]!.invalid = Array.from({ length: 100_000 }, (_, i) => ({ run: i + 1, reasons: ['lost'] }));
    const text = renderTerminal(long, { columns: 80, color: false });
    expect(text).toContain('invalid run 20: lost\n  and 99980 more invalid runs, all in summary.json\n');
    expect(text).not.toContain('invalid run 21:');
  });

  it('says what a virtual clock makes of T_IKE, and what T_RC includes, only where they are', () => {
    const text = (clock: 'real' | 'virtual', base: 'T_IKE' | 'T_RC') => {
      const { provenance, cells, ...rest } = structuredClone(summary);
      const metric = { ...cells[0]!.metrics[0]!, metric: base, base };
      const changed = { ...rest, provenance: { ...provenance, clock }, cells: [{ ...cells[0]!, metrics: [metric] }] };
      return renderTerminal(changed, { columns: 200, color: false });
    };
    expect(text('virtual', 'T_IKE')).toMatch(/^T_IKE: the clock is virtual \(1 instruction = 1 ns\)/m);
    for (const other of [text('real', 'T_IKE'), text('virtual', 'T_RC')]) expect(other).not.toContain('virtual');
    expect(text('real', 'T_RC')).toMatch(/^T_RC: includes address resolution \(ARP\)/m);
    expect(text('real', 'T_IKE')).not.toContain('ARP');
  });

  it('says which runs the machine disturbed, and when they are too many, what to do', () => {
    const { cells, ...rest } = structuredClone(summary);
    const text = (disturbed: number[], noise: CellSummary['noise']) =>
      renderTerminal({ ...rest, cells: [{ ...cells[0]!, disturbed, noise }] }, { columns: 200, color: false });
    const noisy = text([2, 3, 7], { verdict: 'too noisy', why: '3 of 9 valid runs disturbed\u001b' });
    expect(noisy).toMatch(/^ {2}too noisy: 3 of 9 valid runs disturbed\uFFFD$/m);
    expect(noisy).toMatch(/^ {2}disturbed runs 2, 3, 7$/m);
    expect(noisy).toMatch(/^disturbed: this machine kept the run from a CPU/m);
    expect(noisy).toMatch(/^too noisy: repeat it .*--clock virtual/m);
    const fine = text([2], { verdict: 'ok', why: '1 of 9 valid runs disturbed' });
    expect(fine).toMatch(/^ {2}disturbed run 2$/m);
    expect(fine).not.toContain('too noisy');
    for (const quiet of [text([], null), text([], { verdict: 'ok', why: '' })]) expect(quiet).not.toMatch(/disturbed|noisy/);
    const many = Array.from({ length: 30 }, (_, i) => i + 1);
    expect(text(many, null)).toMatch(/ 19, 20 and 10 more$/m);
  });

  it('has escape sequences only when colour is asked for, and never from a file', () => {
    const hostile = structuredClone(summary);
    hostile.cells[0]!.cell = 'a\u001b[2Jb';
    const esc = String.fromCharCode(27);
    expect(renderTerminal(hostile, { columns: 80, color: false })).not.toContain(esc);
    const painted = renderTerminal(hostile, { columns: 80, color: true });
    expect(painted).toContain(`${esc}[1m`);
    expect(painted).not.toContain(`${esc}[2J`);
  });
});

it('colour follows the terminal and NO_COLOR, width has bounds', () => {
  expect(styleFor({ isTTY: true, columns: 120 }, {})).toEqual({ columns: 120, color: true });
  expect(styleFor({ isTTY: true, columns: 40 }, { NO_COLOR: '1' })).toEqual({ columns: 80, color: false });
  expect(styleFor({}, {})).toEqual({ columns: 80, color: false });
  expect(styleFor({ isTTY: true, columns: 500 }, { TERM: 'dumb' })).toEqual({ columns: 200, color: false });
});

it('milliseconds carry as many digits as mean something', () => {
  expect([null, 0, 0.0012546, 0.0136, 0.10371, 4.0123].map(milliseconds)).toEqual(['–', '0.000', '1.255', '13.60', '103.7', '4012']);
  expect([offset(-0.001), offset(0.1234567)]).toEqual(['−1.000 ms', '+123.457 ms']);
});

it('tables drop spare columns from the right until they fit', () => {
  const columns = [{ title: 'a' }, { title: 'bbbb', spare: true }, { title: 'c' }, { title: 'dddd', spare: true }];
  expect(table(columns, [['1', '2', '3', '4']], 20)).toEqual(['a  bbbb  c  dddd', '1     2  3     4']);
  expect(table(columns, [['1', '2', '3', '4']], 12)).toEqual(['a  bbbb  c', '1     2  3']);
  expect(wrap('one two three', 8, ' ')).toEqual(['one two', ' three']);
});

it('every unit has its own digits', () => {
  expect([null, 940_123_456, 9_876_543, 1234].map((value) => printed(value, 'bit/s'))).toEqual(['–', '940.1', '9.877', '0.001']);
  expect([0, 999, 1000, 1_234_567.6, -45_678].map((value) => printed(value, 'instructions').replaceAll('\u202f', ' '))).toEqual([
    '0',
    '999',
    '1 000',
    '1 234 568',
    '-45 678',
  ]);
  expect([3, 3.5].map((value) => printed(value, 'packets'))).toEqual(['3', '3.50']);
  expect([named('T_SYS.timer', 's'), named('throughput.up', 'bit/s')]).toEqual(['T_SYS.timer', 'throughput.up (Mbit/s)']);
  expect(['1.5', '-1.5', '0.000', '-0.001'].map(signed)).toEqual(['+1.5', '−1.5', '0.000', '−0.001']);
});
