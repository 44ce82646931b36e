import { describe, expect, it } from 'vitest';
import { renderHtml, renderTerminal } from '../../src/report/index.ts';
import { axisOf, shortNames, sweepsOf } from '../../src/report/sweep/axis.ts';
import { claimValue, heldBeside, printedValue, ratioText, ratioToPrinted } from '../../src/report/sweep/claims.ts';
import { overheadsOf } from '../../src/report/sweep/overhead.ts';
import { stageTable } from '../../src/report/sweep/stages.ts';
import type { CellSummary } from '../../src/types/run.ts';
import { BERS, CONFIGS, fig14, fig15, fig17, swept, tables } from './mml.ts';

const valuesOnly = (list: CellSummary['values'][]): CellSummary[] =>
  list.map((values) => ({
    ...{ cell: '', values, runs: 0, valid: 0, invalid: [], nullRuns: 0, nullQuiet: false },
    ...{ disturbed: [], noise: null, metrics: [] },
  }));

describe('the swept variable', () => {
  it('is the one with the most numbers, and at least three', () => {
    const cells = valuesOnly(CONFIGS.flatMap((config) => BERS.map((ber) => ({ config, ber, n: 1 }))));
    expect(axisOf(cells)).toEqual({ name: 'ber', values: BERS.map(String) });
    expect(axisOf(valuesOnly([{ n: 1 }, { n: 2 }]))).toBeNull();
    expect(axisOf(valuesOnly([{ access: 'lte' }, { access: '5g' }, { access: 'wifi' }, { access: '' }]))).toBeNull();
    expect(axisOf([])).toBeNull();
    expect(axisOf(valuesOnly(['never', 20, 3, 1].map((everyNth) => ({ everyNth }))))).toEqual({
      name: 'everyNth',
      values: ['never', '20', '3', '1'],
    });
    expect(axisOf(valuesOnly(['1.9e-6', '0.5', '1/8M'].map((ber) => ({ ber }))))?.name).toBe('ber');
  });

  it('makes a line per combination of the others, holes where a cell is missing or saw nothing', () => {
    const { summary } = fig14();
    const [sweep, ...rest] = sweepsOf(summary.cells.slice(1), 'goodput');
    expect(rest).toEqual([]);
    expect(sweep).toMatchObject({ metric: 'goodput.bulk', axis: { name: 'ber' } });
    // the order of the axis is that of the cells that are there
    expect(sweep!.axis.values).toEqual([...BERS.slice(1).map(String), '0']);
    expect(sweep!.lines.map(({ name }) => name)).toEqual(CONFIGS.map((config) => `config=${config}`));
    expect(shortNames(sweep!.lines)).toEqual(CONFIGS);
    expect(sweep!.lines[0]!.points.at(-1)).toBeNull();
    expect(sweep!.lines[1]!.points.at(-1)!.quartiles!.median / 1e6).toBeCloseTo(1.37, 1);
    expect(sweepsOf(summary.cells, 'T_SYS')).toEqual([]);
  });
});

describe('overhead', () => {
  it('is what is missing of the cell that protects nothing', () => {
    const [sweep] = sweepsOf(fig17().summary.cells, 'goodput');
    const { points } = overheadsOf(sweep!)[0]!;
    expect(points.map(({ value }) => value)).toEqual(['20', '10', '5', '3', '2', '1']);
    expect(points.at(-1)!.overhead).toBeCloseTo(0.07, 1);
  });

  it('is none of another variable, or without that cell', () => {
    const [other] = sweepsOf(fig14().summary.cells, 'goodput');
    expect(overheadsOf(other!)).toEqual([]);
    const [sweep] = sweepsOf(fig17().summary.cells.slice(1), 'goodput');
    expect(overheadsOf(sweep!)).toEqual([]);
  });
});

describe('printed beside measured', () => {
  it('answers what the experiment’s own cells can answer', () => {
    const found = heldBeside(fig14().summary)!;
    const of = (id: string) => found.held.find(({ claim }) => claim.id === id)!;
    expect(of('ipsec-overhead').ours[0]!.value).toBeCloseTo(-0.05, 1);
    expect(of('mml-drop-64k').ours.map(({ as }) => as)).toEqual(['1/64K, as printed', '1/512K, one error in 64 K octets']);
    expect(of('mml-drop-64k').ours[1]!.value).toBeCloseTo(-0.62, 1);
    expect(found.contradictions.join(' ')).toContain('five times that is 2.4 Mbit/s');
    const other = heldBeside(fig17().summary)!.held.find(({ claim }) => claim.id === 'dynamic-overhead-1')!;
    expect(other.ours.map(({ value, elsewhere }) => [value === null, elsewhere])).toEqual([
      [false, false],
      [true, true],
    ]);
  });

  it('is nothing for another paper, another experiment, or cells that saw nothing', () => {
    const { summary } = fig14();
    expect(heldBeside({ ...summary, paper: 'e2e' })).toBeNull();
    expect(heldBeside({ ...summary, experiment: 'mine' })).toBeNull();
    expect(heldBeside({ ...summary, cells: summary.cells.map((cell) => ({ ...cell, metrics: [] })) })).toBeNull();
  });

  it('shows values in the unit of the claim', () => {
    expect([claimValue(-0.05, '%'), claimValue(1.25e6, 'bit/s'), claimValue(44e-6, 's/packet'), claimValue(5.19, 'segments')]).toEqual([
      ...['−5 %', '1.25 Mbit/s', '44 µs', '5.2 segments'],
    ]);
    expect([claimValue([0.03, 1.08], '%'), claimValue(2.5, '1'), claimValue(-0.00001, '%')]).toEqual(['3 % to 108 %', '2.5 x', '0 %']);
    expect([printedValue({ from: 0.03, to: 1.08 }, '%'), printedValue({ from: 2 }, '1')]).toEqual(['3 % to 108 %', 'at least 2 x']);
    const [claim] = heldBeside(fig14().summary)!.held.filter(({ claim: { id } }) => id === 'ipsec-overhead');
    expect([ratioToPrinted(claim!.claim, -0.1), ratioToPrinted(claim!.claim, null), ratioToPrinted(claim!.claim, [1, 2])]).toEqual([
      2,
      null,
      null,
    ]);
    expect([ratioText(-0.256), ratioText(null)]).toEqual(['−0.26', '–']);
  });
});

describe('the page', () => {
  it('draws goodput over the bit error rate with every line named, and a table of it', async () => {
    const page = await renderHtml(fig14());
    expect(page).toContain('<h2 id="sweep">');
    expect(page).toMatch(/aria-label="goodput\.bulk over ber\. reno: 1\.\d+ at 0, /);
    expect(page).toMatch(/aria-label="goodput\.bulk over ber, as a table"/);
    expect(page).not.toContain('id="series"'); // 45 lines
    expect(page).toContain('<h2 id="claims">');
    expect(page).toContain('the same, read otherwise');
    expect(page).not.toMatch(/reproduced|differs/);
  });

  it('draws sequence numbers and windows over time, of up to eight cells', async () => {
    const page = await renderHtml(fig15());
    expect(page).toMatch(/aria-label="Octets sent of bulk, MB\. reno, run \d: /);
    expect(page).toMatch(/aria-label="Congestion window of bulk, segments\. /);
    expect(page).not.toContain('id="sweep"');
  });

  it('draws the overhead of dynamic mode', async () => {
    const page = await renderHtml(fig17());
    expect(page).toMatch(/aria-label="Overhead of goodput\.bulk over everyNth\. [\d.]+ % at 20, /);
    expect(page).toContain('of another experiment');
  });

  it('has the stages as a table and no other chart of them', async () => {
    const page = await renderHtml(tables());
    expect(page).toContain('<h2 id="stages">');
    expect(page).not.toContain('aria-label="stages.');
    expect(page).toContain('Printed, and not measured here: ');
    expect(stageTable(tables().summary)!.rows.map(({ node, stage }) => `${node} ${stage}`)).toContain('nets open zone 1');
  });

  it('escapes what a matrix may hold, and does without what is not there', async () => {
    const odd = swept(
      'odd',
      [1, 2, 3].map((n) => ({ n, 'a<b': '<script>' })),
      ({ n }) => (n === 2 ? {} : { 'goodput.bulk': Number(n) * 1e6 }),
    );
    const page = await renderHtml(odd);
    expect(page).not.toContain('<script>');
    expect(page).toContain('nothing at 2');
  });
});

it('the terminal has the same numbers', () => {
  const options = { columns: 100, color: false };
  const text = renderTerminal(fig14().summary, options);
  expect(text).toContain('goodput.bulk over ber, Mbit/s, medians\n  ber      reno  snoop  ipsec    mml  mml-snoop\n');
  expect(text).toMatch(/mml-drop-64k \(1\/512K, one error in 64 K octets\)\s+−62 %\s+−61\.\d %\s+(0\.99|1\.00)/);
  expect(renderTerminal(tables().summary, options)).toMatch(/nets {2}open zone 1\s+[\d.]+\s+[\d.]+\n/);
  expect(renderTerminal(fig17().summary, options)).toContain('overhead: what is missing of the median without protection');
});
