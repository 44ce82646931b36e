/** The picture of each cell's median run, and the way to its packets. */
import type { CellExperiment } from '../../types/experiment.ts';
import type { CellSummary, RunFacts } from '../../types/run.ts';
import { offset } from '../format.ts';
import { ladderSvg, sentence } from './ladder.ts';
import { html, type Markup } from './markup.ts';
import { medianRun } from './median-run.ts';
import type { ReportRun } from './types.ts';

export function medianRunSection(cell: CellSummary, experiment: CellExperiment | undefined, runs: ReportRun[]): Markup {
  const run = medianRun(cell, runs);
  if (run === null) return html`<h3>${cell.cell}</h3><p>No valid run to draw.</p>`;
  const { facts } = run;
  const warnings = facts.gates.filter((gate) => !gate.ok).map((gate) => html`<li>${gate.name}: ${gate.detail}</li>`);
  const notes = [...warnings, ...facts.notes.map((note) => html`<li>${note}</li>`)];
  return html`<figure class="timeline"><h3>${cell.cell}, run ${facts.run}</h3>
<figcaption class="soft">${facts.event ?? 'no event'}${facts.t0 === null ? '' : '; times count from t0'}. A bar is a flow's outage; a cross, a message nobody saw arrive. Rows are spaced by the logarithm of the time between them.</figcaption>
<div class="scroll" tabindex="0" role="region" aria-label="${`Packet timeline of ${cell.cell}`}">${ladderSvg(facts, nodeOrder(experiment))}</div>
<details><summary>The same as a table</summary><div class="scroll"><table class="steps"><thead><tr><th scope="col" class="text">time</th><th scope="col" class="text">step</th></tr></thead>
<tbody>${facts.ladder.map((entry) => html`<tr><td>${offset(entry.dt)}</td><td class="text wrap">${sentence(entry)}</td></tr>`)}</tbody></table></div></details>
${notes.length > 0 ? html`<ul class="soft">${notes}</ul>` : null}
<p class="soft">Captures: ${run.captures.map((file, i) => html`${i > 0 ? ', ' : ''}<a href="${link(`${run.folder}/${file}`)}">${file}</a>`)}</p></figure>`;
}

/** All runs of a cell with their folders, for whoever wants another one than the median. */
export function runList(cell: CellSummary, runs: ReportRun[]): Markup {
  const mine = runs.filter(({ facts }) => facts.cell === cell.cell);
  const rows = mine.map(
    ({ facts, folder }) =>
      html`<tr><td class="text"><a href="${link(`${folder}/`)}">${folder}</a></td><td class="text wrap">${facts.valid ? 'valid' : html`<span class="bad">invalid</span>`}${facts.nullEvent ? ', null' : ''}${disturbance(facts)}</td><td>${facts.seed}</td></tr>`,
  );
  return html`<details><summary>${cell.cell}: ${mine.length} runs</summary><div class="scroll"><table><thead><tr><th scope="col">folder</th><th scope="col" class="text">state</th><th scope="col">seed</th></tr></thead><tbody>${rows}</tbody></table></div></details>`;
}

function disturbance({ gates }: RunFacts): Markup | null {
  const gate = gates.find(({ name, ok }) => name === 'host' && !ok);
  return gate === undefined ? null : html`, disturbed <span class="soft">${gate.detail}</span>`;
}

const ROLES = ['MN', 'router', 'SGW', 'server'];

/** The MN left, servers right. */
function nodeOrder(experiment: CellExperiment | undefined): string[] {
  const rank = (role: string | undefined): number => (role === undefined ? 1 : ROLES.indexOf(role));
  return (experiment?.nodes ?? []).toSorted((a, b) => rank(a.role) - rank(b.role)).map((node) => node.name);
}

/** Relative to the report; a leading `./` keeps a colon in a name from reading as a scheme. */
function link(path: string): string {
  return `./${path.split('/').map(encodeURIComponent).join('/')}`;
}
