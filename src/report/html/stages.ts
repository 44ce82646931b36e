/** What the ESP helpers do with a packet, by stage (the MML-IPsec paper's tables 6 and 7). */
import type { MetricSummary, Summary } from '../../types/run.ts';
import { printed, unitName } from '../format.ts';
import { stageTable } from '../sweep/stages.ts';
import { html, type Markup } from './markup.ts';

/** Null when no cell timed them. */
export function stageSection(summary: Summary): Markup | null {
  const found = stageTable(summary);
  if (found === null) return null;
  const heads = found.cells.map((cell) => html`<th scope="col">${cell}</th>`);
  const rows = found.rows.map(
    ({ node, stage, entries }, i) =>
      html`<tr${i > 0 && found.rows[i - 1]!.node !== node ? html` class="first"` : null}><th scope="row" class="text">${node}</th><td class="text">${stage}</td>${entries.map((entry) => html`<td>${value(entry)}</td>`)}</tr>`,
  );
  return html`<p class="soft">${unitName('s/packet')}: medians of the runs' means, and q1 to q3.</p><div class="scroll" tabindex="0" role="region" aria-label="Stages of a packet"><table>
<thead><tr><th scope="col">node</th><th scope="col" class="text">stage</th>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function value(entry: MetricSummary | null): Markup | string {
  const quartiles = entry?.quartiles ?? null;
  if (entry === null || quartiles === null) return '–';
  const show = (seconds: number): string => printed(seconds, entry.unit);
  return html`${show(quartiles.median)} <span class="soft">${show(quartiles.q1)} – ${show(quartiles.q3)}</span>`;
}
