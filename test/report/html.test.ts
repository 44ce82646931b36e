import { expect, it } from 'vitest';
import { html } from '../../src/report/html/markup.ts';
import { medianRun } from '../../src/report/html/median-run.ts';
import { renderHtml } from '../../src/report/index.ts';
import type { CellSummary, Gate } from '../../src/types/run.ts';
import { experiment } from './build.ts';

const input = experiment();
const page = await renderHtml(input);

it('is one file without network, script or external reference', () => {
  expect(page.length).toBeLessThan(3e6);
  expect(page).not.toMatch(/<script|<link (?!rel="icon" href="data:,")|@import|<img|<iframe/);
  const urls = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, url]) => url);
  expect(urls.filter((url) => !/^(\.\/|#|data:,)/.test(url!))).toEqual([]);
});

it('escapes names and errors wherever they appear', () => {
  expect(page).not.toContain('<b>"indoor"');
  expect(page).not.toContain('<script>alert');
  expect(page).toContain('charon said &lt;script&gt;alert(1)&lt;/script&gt; and left');
});

it('shows every number of the summary', () => {
  for (const cell of input.summary.cells) {
    for (const { quartiles, unit } of cell.metrics) {
      if (quartiles !== null && unit === 's')
        expect(page).toContain(
          `<strong>${(quartiles.median * 1e3).toFixed(quartiles.median < 0.01 ? 3 : quartiles.median < 0.1 ? 2 : 1)}</strong>`,
        );
    }
  }
});

it('is the same for the same facts', async () => {
  expect(await renderHtml(experiment())).toBe(page);
});

it('draws the valid event run nearest to the median', () => {
  const cell = input.summary.cells[0]!;
  const stall = cell.metrics.find(({ base }) => base === 'T_STALLED')!;
  const chosen = medianRun(cell, input.runs)!;
  const distance = (value: number) => Math.abs(value - stall.quartiles!.median);
  const best = Math.min(...stall.values.filter((value) => value !== null).map(distance));
  expect(distance(chosen.facts.metrics[stall.metric]!)).toBe(best);
  expect(chosen.facts.valid).toBe(true);
});

it('renders an experiment without any run', async () => {
  const empty = {
    ...input,
    runs: [],
    summary: { ...input.summary, cells: input.summary.cells.map((cell) => ({ ...cell, metrics: [], valid: 0 })) },
  };
  expect(await renderHtml(empty)).toContain('No valid run to draw.');
});

it('says at T_IKE when the clock is virtual, at T_RC that it includes ARP', async () => {
  const { summary } = input;
  const virtual = await renderHtml({ ...input, summary: { ...summary, provenance: { ...summary.provenance, clock: 'virtual' } } });
  expect(virtual).toMatch(/<dt>T_IKE<\/dt><dd>[^\n]*1 instruction = 1 ns[^\n]*not comparable/);
  expect(page).not.toContain('1 instruction = 1 ns');
  expect(page).toMatch(/<dt>T_RC<\/dt><dd>[^\n]*\(ARP\)/);
});

it('says of each cell what the machine did to it, and explains it, unless the clock is virtual', async () => {
  const [cell, ...others] = input.summary.cells;
  const of = (noise: CellSummary['noise']) =>
    renderHtml({ ...input, summary: { ...input.summary, cells: [{ ...cell!, noise }, ...others] } });
  expect(await of({ verdict: 'too noisy', why: '3 of 9 <valid> runs disturbed' })).toMatch(
    /<strong class="bad">Too noisy<\/strong>: 3 of 9 &lt;valid&gt; runs disturbed\. .*--clock virtual/,
  );
  expect(await of({ verdict: 'ok', why: '0 of 9 valid runs disturbed' })).toContain('This machine: 0 of 9 valid runs disturbed.');
  expect(page).not.toMatch(/Too noisy|This machine:/);
  expect(page).toContain('<dt>disturbed, too noisy</dt>');
  const { summary } = input;
  const virtual = await renderHtml({ ...input, summary: { ...summary, provenance: { ...summary.provenance, clock: 'virtual' } } });
  expect(virtual).not.toContain('<dt>disturbed');
});

it('marks a disturbed run in the list, and says why at the one that is drawn', async () => {
  const drawn = medianRun(input.summary.cells[0]!, input.runs)!;
  const gate: Gate = { name: 'host', ok: false, severity: 'warning', detail: 'T_SYS: a timer fired <late>' };
  const runs = input.runs.map((run) => (run === drawn ? { ...run, facts: { ...run.facts, gates: [...run.facts.gates, gate] } } : run));
  const marked = await renderHtml({ ...input, runs });
  expect(marked.match(/valid, disturbed <span class="soft">T_SYS: a timer fired &lt;late&gt;</g)).toHaveLength(1);
  expect(marked).toContain('<li>host: T_SYS: a timer fired &lt;late&gt;</li>');
});

it('shortens a long list of invalid runs and says by how much', async () => {
  const [cell, ...others] = input.summary.cells;
  const invalid = Array.from({ length: 100_000 }, (_, i) => ({ run: i + 1, reasons: [`lost-${i + 1}.`] }));
  const long = await renderHtml({ ...input, summary: { ...input.summary, cells: [{ ...cell!, invalid }, ...others] } });
  expect(long).toContain('lost-200.');
  expect(long).not.toContain('lost-201.');
  expect(long).toContain('and 99800 more, all in summary.json');
});

it('markup escapes values, joins arrays and drops null', () => {
  expect(html`<p title="${'"x"\u001b'}">${['<', html`<b>${'&'}</b>`]}${null}${1}</p>`.text).toBe(
    '<p title="&quot;x&quot;\uFFFD">&lt;<b>&amp;</b>1</p>',
  );
});
