/**
 * report.html: one file, no script, no network. Every number comes from the facts and the summary; what they do not hold is
 * not in the page.
 */
import type { ExperimentRecord, Provenance } from '../../types/run.ts';
import { cpuTables } from '../protection/cpu.ts';
import { boxPlots } from './boxplot.ts';
import { claimSection } from './claims.ts';
import { definitions, LIMITS } from './definitions.ts';
import { html, type Markup, raw } from './markup.ts';
import { protectionSection } from './protection.ts';
import { medianRunSection, runList } from './runs.ts';
import { seriesFigures } from './series.ts';
import { stageSection } from './stages.ts';
import { STYLE } from './style.ts';
import { sweepFigures } from './sweep.ts';
import { cellTable, invalidRuns } from './tables.ts';
import { throughputCharts } from './throughput.ts';
import type { ReportInput } from './types.ts';

/** The whole page as text. */
export async function renderHtml(input: ReportInput): Promise<string> {
  const { record, summary, runs } = input;
  const apart = cpuTables(summary).length > 0;
  const { charts, zero } = await boxPlots(summary);
  const throughput = await throughputCharts(input);
  const sweeps = await sweepFigures(summary);
  const series = await seriesFigures(input);
  const stages = stageSection(summary);
  const claims = claimSection(summary);
  const protection = await protectionSection(input);
  const cellOf = (name: string) => record.cells.find(({ cell }) => cell === name);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,"><title>${record.name} – roamlab</title><style>${raw(STYLE)}</style></head><body>
<header><h1>${record.name}</h1>${provenance(record, summary.provenance)}</header>
<main>
${sweeps.length === 0 ? null : html`<h2 id="sweep">Goodput over what is varied</h2><div class="charts">${sweeps}</div>`}
${series.length === 0 ? null : html`<h2 id="series">Over time</h2><div class="charts">${series}</div>`}
${stages === null ? null : html`<h2 id="stages">Where a packet's time goes</h2>${stages}`}
${claims === null ? null : html`<h2 id="claims">Printed and measured</h2>${claims}`}
<h2 id="numbers">Numbers</h2>${summary.cells.map((cell) => cellTable(cell, cellOf(cell.cell), apart))}
<p class="soft">* fewer values than an interval needs: the whole range. floor: the same analysis on runs in which nothing happens.</p>
<h2 id="charts">Spread</h2><p class="soft"><span class="key" style="background:#cfe0f0;border:1px solid #1f5f99"></span> q1 to q3, line: min to max, bar: median, dots: single runs. <span class="key" style="border-left:3px solid #a34a00;width:.5em"></span> floor from the null runs. The axis need not begin at zero.</p>
${zero.length === 0 ? null : html`<p class="soft">0 in every run, and without a chart: ${zero.join(', ')}.</p>`}
<div class="charts">${charts}</div>
${throughput.length === 0 ? null : html`<h2 id="throughput">Throughput</h2><p class="soft">User data at the flow's receiver in the cell's median run, each octet once, when it first arrived; also what a sender still had in its buffer when the flow stopped. The first and the last bin may hold only part of their time. <span class="key" style="border-bottom:3px solid #a11414"></span> t0. <span class="key" style="border-bottom:3px dashed #a34a00"></span> 90 % of the throughput before t0 again, for three bins in a row.</p><div class="charts wide">${throughput}</div>`}
${protection === null ? null : html`<h2 id="protection">What protection costs</h2>${protection}`}
<h2 id="timeline">The median run, packet by packet</h2>${summary.cells.map((cell) => medianRunSection(cell, cellOf(cell.cell), runs))}
<h2 id="invalid">Invalid runs</h2>${invalidRuns(summary)}
<h2 id="packets">All runs and their packets</h2>${summary.cells.map((cell) => runList(cell, runs))}
<p>Wireshark and tshark show IKE and ESP decrypted when they take the run's keys as their configuration. In a run's folder:</p>
<pre>WIRESHARK_CONFIG_DIR=keys wireshark -o esp.enable_encryption_decode:TRUE pcap/FILE.pcap</pre>
<h2 id="definitions">Definitions</h2>${definitions(record, summary)}
<h2 id="limits">Limits</h2>${LIMITS}
</main></body></html>
`;
  return page.text;
}

function provenance(record: ExperimentRecord, from: Provenance): Markup {
  const tools = Object.entries(from.tools).map(([name, version]) => `${name} ${version}`);
  const rows: [string, string][] = [
    ['run', `${record.id}, started ${record.started}`],
    ['design', `${record.cells.length} ${record.cells.length === 1 ? 'cell' : 'cells'}, ${record.runs} runs each, seed ${record.seed}`],
    ['where', `${from.backend} backend, ${from.accelerator}, ${from.clock} clock, ${from.host}`],
    ['kernel', from.kernel],
    ['strongSwan', from.patched === undefined ? from.strongswan : `${from.strongswan}; patched nodes: ${from.patched}`],
    ['roamlab', from.roamlab],
    ...(from.image === undefined ? [] : [['image', from.image] as [string, string]]),
    ...(tools.length === 0 ? [] : [['tools', tools.join(', ')] as [string, string]]),
  ];
  return html`<dl class="facts">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}
