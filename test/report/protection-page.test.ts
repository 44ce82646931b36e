import { describe, expect, it } from 'vitest';
import { steps } from '../../src/report/html/throughput-bins.ts';
import { renderHtml } from '../../src/report/index.ts';
import type { CellExperiment } from '../../src/types/experiment.ts';
import type { Throughput } from '../../src/types/run.ts';
import { experiment } from './build.ts';
import { protectedExperiment } from './protection.ts';

const input = protectedExperiment();
const page = (await renderHtml(input)).replace(/[\u00a0\u202f]/g, ' ');

const withoutRecords = (cells: CellExperiment[]): CellExperiment[] =>
  cells.map((cell) => ({ ...cell, flows: cell.flows.filter(({ name }) => name !== 'records') }));

describe('throughput', () => {
  const medianOf = (name: string) => page.match(new RegExp(`<h3>${name}, run (\\d+)`))![1];

  it('is drawn per group of cells and flow, from the median runs, with a text alternative and the sum of the bins', () => {
    expect(page.match(/<figure class="chart throughput">/g)).toHaveLength(4);
    const cell = 'access=lab-ethernet,security=esp-tunnel';
    const run = medianOf(cell);
    const { facts } = input.runs.find(({ facts: of }) => of.cell === cell && of.run === Number(run) && !of.nullEvent)!;
    const octets = facts.flows.data!.throughput!.octets.reduce((total, value) => total + value, 0);
    expect(page).toMatch(
      new RegExp(
        `aria-label="Throughput of access=lab-ethernet, data \\(sctp\\)\\. [^"]*esp-tunnel: run ${run}, [^"]* bins sum to ${octets} octets`,
      ),
    );
    expect(page).toMatch(/esp-tunnel: run \d, 85\.55 Mbit\/s before, 90 % of it again 9\d\d\.\d ms after t0, \d+ octets missing/);
  });

  it('has a chart of its own per configuration, with t0 and the way back marked', () => {
    const svg = page.slice(page.indexOf('<figure class="chart throughput">'));
    const first = svg.slice(0, svg.indexOf('</figure>'));
    for (const word of ['esp-transport', 'null-tunnel', 'wireguard (beyond the paper)']) expect(first).toContain(`>${word}</text>`);
    expect(first.match(/>t0<\/text>/g)).toHaveLength(6);
    expect(first.match(/>90 %<\/text>/g)).toHaveLength(6);
  });

  it('marks no way back where there was none to go', async () => {
    const calm = protectedExperiment(1, ['lab'], ['none']);
    for (const { facts } of calm.runs) facts.flows.data!.throughput!.recovered = 0;
    const text = await renderHtml({ ...calm, record: { ...calm.record, cells: withoutRecords(calm.record.cells) } });
    expect(text).toMatch(/none: run 1, 90\.00 Mbit\/s before, has 90 % of it from t0 on/);
    expect(text).toContain('<td>at once</td>');
    expect(text).not.toMatch(/>90 %<\/text>/);
  });

  it('says of a flow that never came back that it did not', async () => {
    const hurt = protectedExperiment(1, ['lab'], ['none']);
    for (const { facts } of hurt.runs) facts.flows.data!.throughput!.recovered = null;
    const text = await renderHtml(hurt);
    expect(text).toMatch(/none: run 1, 90\.00 Mbit\/s before, does not get back to 90 % of it/);
    expect(text).toContain('<td>never</td>');
  });

  it('is not there for udp, or where nobody counted octets', async () => {
    const { record, ...rest } = protectedExperiment(1, ['lab'], ['none']);
    const udp = record.cells.map((cell) => ({ ...cell, flows: cell.flows.map((flow) => ({ ...flow, kind: 'udp' as const })) }));
    expect(await renderHtml({ ...rest, record: { ...record, cells: udp } })).not.toContain('id="throughput"');
    expect(await renderHtml(experiment(1))).not.toMatch(/id="(throughput|protection)"/);
  });
});

describe('bins as steps', () => {
  const of = (octets: number[], more: Partial<Throughput> = {}): Throughput => {
    return { bin: 0.5, start: 1e9, octets, before: null, recovered: null, missing: null, ...more };
  };

  it('count from t0 and end where the last bin ends', () => {
    expect(steps(of([1, 2, 3]), 1.5e9)).toEqual([
      { x: -0.5, y: 16 },
      { x: 0, y: 32 },
      { x: 0.5, y: 48 },
      { x: 1, y: 48 },
    ]);
    expect(steps(of([1]), null).map(({ x }) => x)).toEqual([0, 0.5]);
  });

  it('keep all octets and the edge at t0 when there are too many to draw', () => {
    const octets = Array.from({ length: 10_000 }, (_, i) => i % 7);
    const many = steps(of(octets, { bin: 0.001 }), 1e9 + 1234e6);
    expect(many.length).toBeLessThan(420);
    expect(many.some(({ x }) => Math.abs(x) < 1e-9)).toBe(true);
    const sum = many.slice(0, -1).reduce((total, { x, y }, i) => total + (y * (many[i + 1]!.x - x)) / 8, 0);
    expect(sum).toBeCloseTo(
      octets.reduce((total, value) => total + value, 0),
      3,
    );
  });

  it('are none where there is nothing to draw', () => {
    expect([steps(of([]), 0), steps(of([1], { bin: 0 }), 0), steps(of([1], { bin: Number.NaN }), 0)]).toEqual([[], [], []]);
  });
});

describe('what protection costs', () => {
  it('is a table with difference, interval and ratio, and the other pairs folded away', () => {
    expect(page).toContain('access=lab-ethernet: beside no protection');
    expect(page).toMatch(/<strong>\+192\.1<\/strong> <span class="soft">×1\.654<\/span><br><span class="soft">\+183\.0 … \+214\.0</);
    expect(page).toContain('Transport mode beside tunnel mode, and esp beside null: 36 comparisons');
  });

  it('answers in a sentence with payloads and roles', () => {
    expect(page).toContain('by 20%” (abstract)');
    expect(page).toMatch(/<li>sending host mn: 9\.\d % \(64 B\) to 1\d\.\d % \(1400 B\) fewer with esp, /);
    expect(page).toMatch(/<li>all hosts: /);
  });

  it('draws instructions over payload, per host, and lists them with the ratio of the modes', () => {
    expect(page).toMatch(/aria-label="Instructions per packet, access=lab-ethernet, sending host mn\. none: 20 190 at 64, /);
    expect(page).toMatch(/<th scope="row" class="text">sending host mn<\/th><td>20 190<\/td>/);
    expect(page).toContain('<strong>×0.900</strong>');
    expect(page).toMatch(/<strong>all hosts<\/strong><\/th><td>41 \d{3}<\/td>/);
    expect(page).toContain('class="text group">p64 (64 B)</th>');
    expect(page).toMatch(/<td>×0\.76\d<\/td><td>×0\.7\d\d<\/td><\/tr>/);
  });

  it('leaves them out of the box plots, and folds them in the cells', () => {
    expect(page).not.toContain('<figcaption><strong>CPU.');
    expect(page.match(/<summary>Instructions per packet: 8 rows<\/summary>/g)).toHaveLength(12);
    expect(page).toContain('<figcaption><strong>T_SYS.timer</strong>, ms');
    expect(page).toContain('<figcaption><strong>throughput.data</strong>, Mbit/s');
  });
});

it('says which timers of SCTP ruled', () => {
  expect(page).toMatch(
    /<th scope="row" class="text">data<\/th><td>2<\/td><td>3<\/td><td class="text wrap">300\.0, 600\.0<\/td><td class="text wrap">T3-rtx, 600\.0 ms</,
  );
  expect(page).toMatch(/<td class="text wrap">unknown<\/td>/);
});

it('marks what is beyond the paper, and only where there is one', async () => {
  expect(page).toContain('security=wireguard <span class="tag">beyond the paper: WireGuard, MPTCP (records)</span>');
  expect(page).toContain('<dt>beyond the paper</dt>');
  const { record, ...rest } = input;
  const cells = record.cells.map(({ paper: _, ...cell }) => cell);
  expect(await renderHtml({ ...rest, record: { ...record, cells } })).not.toContain('beyond the paper');
});

it('defines what it has, with sources', async () => {
  expect(page).toMatch(/<dt>T_SCTP<\/dt><dd>[^\n]*RFC 9260[^\n]*E2E paper, section VI-B/);
  expect(page).toMatch(/<dt>T_SYS\.timer, T_SYS\.rest<\/dt><dd>[^\n]*RFC 7829[^\n]*RFC 5061/);
  for (const name of ['T_RECOVER', 'retransmitted', 'throughput', 'CPU', 'What protection costs'])
    expect(page).toContain(`<dt>${name}</dt>`);
  expect(await renderHtml(experiment(1))).not.toMatch(/<dt>(T_SCTP|CPU|throughput|beyond the paper|What protection costs)/);
});
