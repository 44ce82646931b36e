/** What protection costs: every metric beside the cell that is protected otherwise, and instructions per packet over the payload. */
import type { CellExperiment } from '../../types/experiment.ts';
import type { Comparison, ExperimentRecord, Summary } from '../../types/run.ts';
import { grouped, printed, signed, unitName } from '../format.ts';
import { type Answer, transportAnswer } from '../protection/answer.ts';
import { addingOf, type CpuRow, type CpuTable, cpuTables, type Modes } from '../protection/cpu.ts';
import { partsOf } from '../protection/parts.ts';
import { type Cost, type CostTable, costTables, isFew, ratioOf, splitCosts } from '../protection/times.ts';
import { isBeyond } from './beyond.ts';
import { cpuCharts } from './cpu-chart.ts';
import { html, type Markup } from './markup.ts';
import type { ReportInput } from './types.ts';

const TAG = html`<span class="tag">beyond the paper</span>`;

/** The section's content; null where the matrix does not vary `security`. */
export async function protectionSection({ record, summary }: ReportInput): Promise<Markup | null> {
  const costs = costTables(summary, 'all');
  const cpu = cpuTables(summary);
  if (costs.length === 0 && cpu.length === 0) return null;
  const answer = transportAnswer(summary, payloads(summary));
  const differs = costs.some(({ rows }) => splitCosts(rows).changed.length > 0);
  const instructions: Markup[] = [];
  for (const table of cpu) instructions.push(await cpuPart(table, summary, record));
  return html`${answer === null ? null : answered(answer)}
${differs ? html`<p class="soft">Medians of the cell without protection; of the others the difference of the medians, the ratio, and below them the 95 % interval of the difference. A difference is bold where its interval does not hold 0.</p>` : null}${costs.map((table) => costPart(table, record))}${instructions}`;
}

function costPart({ title, rows }: CostTable, record: ExperimentRecord): Markup {
  const [none, pairs] = [rows.filter(({ against }) => against === 'none'), rows.filter(({ against }) => against !== 'none')];
  const others = splitCosts(pairs).changed.flatMap(([, mine]) => mine);
  const heading = title === '' ? 'Beside no protection' : `${title}: beside no protection`;
  return html`<section class="costs"><h3>${heading}</h3>${none.length === 0 ? html`<p>No cell of these has <code>security: none</code>.</p>` : besideNone(none, record, heading)}
${others.length === 0 ? null : html`<details><summary>Transport mode beside tunnel mode, and esp beside null: ${others.length} comparisons</summary>${costTable(others, record, `${title}: other pairs`)}</details>`}</section>`;
}

/** A row per metric, a column per cell: what one metric costs is read along a line. */
function besideNone(rows: Cost[], record: ExperimentRecord, name: string): Markup {
  const cells = [...new Map(rows.map(({ cell, security }) => [cell, security]))];
  const experiment = (name: string): CellExperiment | undefined => record.cells.find(({ cell }) => cell === name);
  const { changed: differing, equal } = splitCosts(rows);
  const body = differing.map(([metric, mine]) => {
    const { unit, baselineMedian } = mine[0]!;
    const numbers = cells.map(([cell]) => {
      const found = mine.find((row) => row.cell === cell);
      return found === undefined
        ? html`<td>–</td>`
        : html`<td>${changed(found)} <span class="soft">${ratioOf(found.ratio)}</span><br><span class="soft">${interval(found)}</span></td>`;
    });
    const flow = metric.split('.').at(-1);
    const beyond = cells.every(([cell]) => isBeyond(experiment(cell), flow)) && !cells.every(([cell]) => isBeyond(experiment(cell)));
    return html`<tr><th scope="row" class="text">${metric}<br><span class="soft">${unitName(unit)}</span>${beyond ? html` ${TAG}` : null}</th><td>${printed(baselineMedian, unit)}</td>${numbers}</tr>`;
  });
  const heads = cells.map(
    ([cell, security]) => html`<th scope="col">${security}${isBeyond(experiment(cell)) ? html`<br>${TAG}` : null}</th>`,
  );
  const rest = equal.length === 0 ? null : html`<p class="soft">No difference in: ${equal.join(', ')}.</p>`;
  if (body.length === 0) return html`${rest}`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table>
<thead><tr><th scope="col">metric</th><th scope="col">none</th>${heads}</tr></thead>
<tbody>${body}</tbody></table></div>${rest}`;
}

function costTable(rows: Cost[], record: ExperimentRecord, name: string): Markup {
  const body = rows.map((row, i) => {
    const first = rows[i - 1]?.metric !== row.metric;
    const experiment = record.cells.find(({ cell }) => cell === row.cell);
    const tag = isBeyond(experiment, row.metric.split('.').at(-1)) ? html` ${TAG}` : null;
    return html`<tr${first ? html` class="first"` : null}><th scope="row" class="text">${row.metric}</th><td>${unitName(row.unit)}</td><td class="text">${row.security}${tag}</td><td class="text">${row.against}</td><td>${printed(row.baselineMedian, row.unit)}</td>${difference(row)}<td>${ratioOf(row.ratio)}</td></tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table>
<thead><tr><th scope="col">metric</th><th scope="col">unit</th><th scope="col" class="text">cell</th><th scope="col" class="text">beside</th><th scope="col">its median</th><th scope="col">difference</th><th scope="col">95 % of difference</th><th scope="col">ratio</th></tr></thead>
<tbody>${body}</tbody></table></div>`;
}

/** Two cells of a table. */
function difference(row: Comparison): Markup {
  return html`<td>${changed(row)}</td><td>${interval(row)}</td>`;
}

function changed({ difference: value, ci95, unit }: Comparison): Markup {
  const text = signed(printed(value, unit));
  return ci95 !== null && (ci95[0] > 0 || ci95[1] < 0) ? html`<strong>${text}</strong>` : html`${text}`;
}

/** With a star where it is the range over all pairs, and the star alone for single values. */
function interval({ ci95, unit, n }: Comparison): string {
  return [(ci95 ?? []).map((end) => signed(printed(end, unit))).join(' … '), isFew(n) ? '*' : ''].filter(Boolean).join(' ');
}

function answered({ claim, lead, lines, caveat }: Answer): Markup {
  return html`${claim === null ? null : html`<p>${claim}</p>`}<p><strong>${lead}</strong></p><ul>${lines.map((line) => html`<li>${line}.</li>`)}</ul><p class="soft">${caveat}</p>`;
}

async function cpuPart(table: CpuTable, summary: Summary, record: ExperimentRecord): Promise<Markup> {
  const cells = record.cells.filter(({ cell }) => table.cells.includes(cell));
  const heading = table.title === '' ? 'Instructions per packet' : `${table.title}: instructions per packet`;
  return html`<section class="cpu"><h3>${heading}</h3>
<div class="charts">${await cpuCharts(table, cells[0], partsOf(summary))}</div>${cpuTable(table, heading, summary, cells)}</section>`;
}

function cpuTable({ securities, ciphers, rows }: CpuTable, name: string, summary: Summary, cells: CellExperiment[]): Markup {
  const part = partsOf(summary);
  const flowName = flowNames(summary);
  const adding = addingOf(ciphers, rows);
  const tagged = (security: string): Markup | null =>
    isBeyond(cells.find(({ values }) => values.security === security)) ? html`<br>${TAG}` : null;
  const heads = [
    ...securities.map((security) => html`<th scope="col">${security}${tagged(security)}</th>`),
    ...ciphers.map((cipher) => html`<th scope="col">${cipher}:<br>transport / tunnel</th>`),
    ...adding.map((cipher) => html`<th scope="col">of what ${cipher} adds</th>`),
  ];
  const line = ({ node, flow, medians, modes }: CpuRow): Markup => {
    const numbers = medians.map((median) => html`<td>${median === null ? '–' : grouped(median)}</td>`);
    const ratios = ciphers.map((cipher) => ratioCell(modes[cipher]));
    const added = adding.map((cipher) => html`<td>${ratioOf(modes[cipher]?.added?.ratio ?? null)}</td>`);
    const host = node === null ? html`<strong>all hosts</strong>` : html`${part(node, flow)}`;
    return html`<tr><th scope="row" class="text">${host}</th>${numbers}${ratios}${added}</tr>`;
  };
  const bodies = [...Map.groupBy(rows, ({ flow }) => flow)].map(
    ([flow, mine]) =>
      html`<tbody><tr><th scope="rowgroup" colspan="${heads.length + 1}" class="text group">${flowName(flow)}</th></tr>${mine.map(line)}</tbody>`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table>
<thead><tr><th scope="col">host</th>${heads}</tr></thead>
${bodies}</table></div>${adding.length === 0 ? null : html`<p class="soft">The numbers also hold sending, reading and the capture, which no protection changes. What protection adds is the difference to none; transport mode's is divided by tunnel mode's where both add at least 5 % of none.</p>`}`;
}

function ratioCell(modes: Modes | undefined): Markup {
  if (modes === undefined) return html`<td>–</td>`;
  const { ratio, comparison } = modes;
  const more =
    comparison === null
      ? null
      : html` <span class="soft">${signed(printed(comparison.difference, comparison.unit))}<br>${interval(comparison)}</span>`;
  return html`<td><strong>${ratioOf(ratio)}</strong>${more}</td>`;
}

/** `64 B` where that tells flows apart, otherwise with the flow's name. */
function payloads(summary: Summary): (name: string) => string {
  const flows = new Map(Object.entries(summary.hosts?.flows ?? {}));
  const counted = new Set(cpuTables(summary).flatMap(({ rows }) => rows.map(({ flow }) => flow)));
  const apart = new Set([...counted].map((name) => flows.get(name)?.size)).size === counted.size;
  return (name) => {
    const size = flows.get(name)?.size;
    return size === undefined ? name : apart ? `${size}\u00a0B` : `${name}, ${size}\u00a0B`;
  };
}

/** `p64 (64 B)`. */
function flowNames({ hosts }: Summary): (name: string) => string {
  const flows = new Map(Object.entries(hosts?.flows ?? {}));
  return (name) => {
    const size = flows.get(name)?.size;
    return size === undefined || name === `${size} B` ? name : `${name} (${size} B)`;
  };
}
