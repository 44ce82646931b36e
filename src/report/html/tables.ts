/** The numbers as tables: one per cell, and the list of invalid runs. */
import { SMALLEST_N_FOR_INTERVAL } from '../../stats/index.ts';
import type { CellExperiment } from '../../types/experiment.ts';
import type { CellSummary, MetricSummary, Summary } from '../../types/run.ts';
import { printed, shortened, unitName } from '../format.ts';
import { lossAside } from '../news.ts';
import { NOISE_HINT } from '../notes.ts';
import { isCpu } from '../protection/cpu.ts';
import { beyondPaper, beyondTag } from './beyond.ts';
import { html, type Markup } from './markup.ts';

/** rows of invalid runs per cell; summary.json has all */
const MOST = 200;

/** `apart`: instructions per packet have tables of their own, and here only a place to look them up. */
export function cellTable(cell: CellSummary, experiment: CellExperiment | undefined, apart: boolean): Markup {
  const { rows: metrics, loss } = lossAside(cell.metrics);
  const [rows, folded] = apart ? [metrics.filter((metric) => !isCpu(metric)), metrics.filter(isCpu)] : [metrics, []];
  const floor =
    cell.nullRuns === 0
      ? 'No null run: the floor is unknown.'
      : `${cell.nullRuns} null ${cell.nullRuns === 1 ? 'run' : 'runs'}: ${cell.nullQuiet ? 'the analysis saw no outage.' : 'the analysis reported something although nothing happened; see the floor.'}`;
  return html`<section class="cell"><h3>${cell.cell}${beyondTag(beyondPaper(experiment))}</h3>
<p class="soft">${cell.valid} of ${cell.runs} runs valid${cell.invalid.length > 0 ? html` (<a href="#invalid">the others</a>)` : null}. ${floor}</p>${noise(cell)}
${loss === null ? null : html`<p>${loss}</p>`}${rows.length === 0 ? null : metricTable(rows, `Metrics of ${cell.cell}`)}${folded.length === 0 ? null : html`<details><summary>Instructions per packet: ${folded.length} rows</summary>${metricTable(folded, `Instructions per packet of ${cell.cell}`)}</details>`}</section>`;
}

function metricTable(metrics: readonly MetricSummary[], name: string): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table>
<thead><tr><th scope="col">metric</th><th scope="col">unit</th><th scope="col">n</th><th scope="col">min</th><th scope="col">q1</th><th scope="col">median</th><th scope="col">q3</th><th scope="col">max</th><th scope="col">95 % of median</th><th scope="col">floor</th></tr></thead>
<tbody>${metrics.map(row)}</tbody></table></div>`;
}

/** Nothing where the machine cannot matter. */
function noise(cell: CellSummary): Markup | null {
  if (cell.noise === null) return null;
  if (cell.noise.verdict === 'ok')
    return html`
<p class="soft">This machine: ${cell.noise.why}.</p>`;
  return html`
<p><strong class="bad">Too noisy</strong>: ${cell.noise.why}. <span class="soft">${NOISE_HINT}.</span></p>`;
}

function row({ metric, unit, quartiles, floor, values }: MetricSummary): Markup {
  const name = html`<th scope="row" class="text">${metric}</th><td>${unitName(unit)}</td>`;
  const end = html`<td>${printed(floor, unit)}</td>`;
  if (quartiles === null) return html`<tr>${name}<td>0</td><td colspan="6">not observed in ${values.length} runs</td>${end}</tr>`;
  const { n, min, q1, median, q3, max, ci95 } = quartiles;
  const numbers = [min, q1, median, q3, max].map((value, i) =>
    i === 2 ? html`<td><strong>${printed(value, unit)}</strong></td>` : html`<td>${printed(value, unit)}</td>`,
  );
  const few = n < SMALLEST_N_FOR_INTERVAL ? '*' : '';
  return html`<tr>${name}<td>${n}</td>${numbers}<td>${printed(ci95[0], unit)} – ${printed(ci95[1], unit)}${few}</td>${end}</tr>`;
}

/** Always there: that nothing was left out is a statement too. */
export function invalidRuns(summary: Summary): Markup {
  const rows = summary.cells.flatMap(({ cell, invalid }) => {
    const { shown, more } = shortened(invalid, MOST);
    const row = (run: string | number, why: string) =>
      html`<tr><td class="text">${cell}</td><td>${run}</td><td class="text wrap">${why}</td></tr>`;
    const listed = shown.map(({ run, reasons }) => row(run, reasons.join('; ')));
    return more > 0 ? [...listed, row('\u2026', `and ${more} more, all in summary.json`)] : listed;
  });
  if (rows.length === 0) return html`<p>None. Every run passed every gate.</p>`;
  return html`<p>These take part in no number above.</p><div class="scroll" tabindex="0" role="region" aria-label="Invalid runs"><table>
<thead><tr><th scope="col">cell</th><th scope="col">run</th><th scope="col" class="text">why</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
