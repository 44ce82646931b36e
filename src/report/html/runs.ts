/** The picture of each cell's median run, and the way to its packets. */
import type { CellExperiment } from '../../types/experiment.ts';
import type { CellSummary, Ruled, RunFacts } from '../../types/run.ts';
import { milliseconds, offset, shortened } from '../format.ts';
import { beyondPaper, beyondTag } from './beyond.ts';
import { ladderSvg, sentence } from './ladder.ts';
import { html, type Markup } from './markup.ts';
import { medianRun } from './median-run.ts';
import type { ReportRun } from './types.ts';

/** an association that never came back has few; one that lost everything for long has many */
const MOST_TIMERS = 24;

export function medianRunSection(cell: CellSummary, experiment: CellExperiment | undefined, runs: ReportRun[]): Markup {
  const run = medianRun(cell, runs);
  if (run === null) return html`<h3>${cell.cell}</h3><p>No valid run to draw.</p>`;
  const { facts } = run;
  const captures = html`<p class="soft">Captures: ${run.captures.map((file, i) => html`${i > 0 ? ', ' : ''}<a href="${link(`${run.folder}/${file}`)}">${file}</a>`)}</p>`;
  const warnings = facts.gates.filter((gate) => !gate.ok).map((gate) => html`<li>${gate.name}: ${gate.detail}</li>`);
  const notes = [...warnings, ...facts.notes.map((note) => html`<li>${note}</li>`)];
  if (facts.ladder.length === 0) {
    const title = html`${cell.cell}, run ${facts.run}${facts.event === null ? ', without an event' : ''}: notes and captures${beyondTag(beyondPaper(experiment))}`;
    return html`<details><summary>${title}</summary>${notes.length > 0 ? html`<ul class="soft">${notes}</ul>` : null}${captures}</details>`;
  }
  return html`<figure class="timeline"><h3>${cell.cell}, run ${facts.run}${beyondTag(beyondPaper(experiment))}</h3>
<figcaption class="soft">${facts.event ?? 'no event'}${facts.t0 === null ? '' : '; times count from t0'}. A bar is a flow's outage; a cross, a message nobody saw arrive. Rows are spaced by the logarithm of the time between them.</figcaption>
<div class="scroll" tabindex="0" role="region" aria-label="${`Packet timeline of ${cell.cell}`}">${ladderSvg(facts, nodeOrder(experiment))}</div>
<details><summary>The same as a table</summary><div class="scroll"><table class="steps"><thead><tr><th scope="col" class="text">time</th><th scope="col" class="text">step</th></tr></thead>
<tbody>${facts.ladder.map((entry) => html`<tr><td>${offset(entry.dt)}</td><td class="text wrap">${sentence(entry)}</td></tr>`)}</tbody></table></div></details>
${timers(facts)}${notes.length > 0 ? html`<ul class="soft">${notes}</ul>` : null}
${captures}</figure>`;
}

/** Which of SCTP's timers ruled: what was sent again, how long it was waited for, and what ended the stall. */
function timers({ flows }: RunFacts): Markup | null {
  const rows = Object.entries(flows).flatMap(([flow, { retransmissions: again, stalledBy }]) => {
    if (again === undefined) return [];
    const { shown, more } = shortened(again.timers, MOST_TIMERS);
    const list = `${shown.map(milliseconds).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    return [
      html`<tr><th scope="row" class="text">${flow}</th><td>${again.timeout}</td><td>${again.fast}</td><td class="text wrap">${list || 'did not expire'}</td><td class="text wrap">${ruled(stalledBy)}</td></tr>`,
    ];
  });
  if (rows.length === 0) return null;
  return html`<div class="scroll"><table class="timers"><thead><tr><th scope="col">SCTP, sent again</th><th scope="col">chunks after T3-rtx</th><th scope="col">fast</th><th scope="col" class="text">T3-rtx ran, ms</th><th scope="col" class="text">ruled the stall</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** Facts written by an older version do not say. */
function ruled(by: Ruled | null | undefined): string {
  if (by === undefined) return 'unknown';
  if (by === null) return 'no outage';
  if (by.what === 'none') return 'no timer';
  return `${by.what === 'fast' ? 'fast retransmission' : by.what}, ${milliseconds(by.seconds)} ms`;
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
