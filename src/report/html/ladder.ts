/**
 * The ladder diagram of one run: a line per node, time downward, an arrow per message, a dot for what happens inside a node,
 * a bar per flow for its outage. Kinds differ by dash, weight and words before they differ by colour.
 */
import type { LadderEntry, RunFacts } from '../../types/run.ts';
import { offset } from '../format.ts';
import { COLUMN, type LadderLayout, LEFT, layoutLadder, ROW } from './ladder-layout.ts';
import { html, type Markup } from './markup.ts';

const BAR = 34;

const STYLES: Record<LadderEntry['kind'], { color: string; dash: string; width: number }> = {
  event: { color: '#a11414', dash: '', width: 2.5 },
  roam: { color: '#55606e', dash: '', width: 1.5 },
  log: { color: '#55606e', dash: '', width: 1.5 },
  'sa-change': { color: '#6a2c91', dash: '', width: 1.5 },
  probe: { color: '#1f5f99', dash: '6 3', width: 1.8 },
  'probe-reply': { color: '#1f5f99', dash: '6 3', width: 1.8 },
  update: { color: '#0d3357', dash: '', width: 2.4 },
  'update-reply': { color: '#0d3357', dash: '', width: 2.4 },
  'last-data': { color: '#a34a00', dash: '2 3', width: 1.8 },
  'first-data': { color: '#a34a00', dash: '2 3', width: 1.8 },
  ike: { color: '#55606e', dash: '', width: 1.4 },
  sctp: { color: '#17613a', dash: '8 2', width: 1.8 },
};

/** SVG of a run's ladder with title and description; nodes in `order` first. */
export function ladderSvg(facts: RunFacts, order: string[]): Markup {
  const layout = layoutLadder(facts, order);
  const stalls = Object.entries(facts.flows).filter(([, flow]) => flow.gapStart !== null);
  const lines = LEFT + (layout.nodes.length - 1) * COLUMN;
  const width = Math.max(lines, LEFT + COLUMN * 0.9) + 40 + stalls.length * BAR + 30;
  const described = facts.ladder.map((entry) => `${offset(entry.dt)} ${sentence(entry)}`).join('; ');
  return html`<svg class="ladder" xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${layout.height}" viewBox="0 0 ${width} ${layout.height}" font-family="system-ui, DejaVu Sans, sans-serif" font-size="12">
<title>${`Packet timeline of ${facts.cell}, run ${facts.run}`}</title><desc>${described}</desc>
${stalls.map(([name, flow], i) => stallBar(layout, name, flow.gapStart!, flow.gapEnd, lines + 40 + i * BAR))}
${layout.nodes.map((node) => column(layout, node))}
${layout.rows.map(({ entry, y }) => (entry.from === entry.to ? inside(layout, entry, y) : arrow(layout, entry, y)))}
</svg>`;
}

function column({ x, height }: LadderLayout, node: string): Markup {
  return html`<g class="node"><text x="${x(node)}" y="24" text-anchor="middle" font-weight="600" font-size="14">${short(node, 32)}</text>
<line x1="${x(node)}" x2="${x(node)}" y1="34" y2="${height - 12}" stroke="#9aa4b1" stroke-width="1.2"/></g>`;
}

function time(entry: LadderEntry, y: number): Markup {
  return html`<text x="${LEFT - 14}" y="${round(y + 4)}" text-anchor="end" fill="#55606e" font-size="11" style="font-variant-numeric:tabular-nums">${offset(entry.dt)}</text>`;
}

function inside(layout: LadderLayout, entry: LadderEntry, y: number): Markup {
  const { color } = STYLES[entry.kind];
  const x = layout.x(entry.from);
  const last = layout.nodes.length > 1 && entry.from === layout.nodes.at(-1);
  const right = LEFT + (layout.nodes.length - 1) * COLUMN;
  const rule = html`<line x1="${LEFT - 8}" x2="${Math.max(right, LEFT + COLUMN * 0.9)}" y1="${round(y)}" y2="${round(y)}" stroke="${color}" stroke-width="1.5" stroke-dasharray="1 3"/>`;
  const dot =
    entry.kind === 'event'
      ? html`<rect x="${x - 6}" y="${round(y - 6)}" width="12" height="12" fill="${color}"/>`
      : html`<circle cx="${x}" cy="${round(y)}" r="4" fill="${color}"/>`;
  return html`<g class="entry ${entry.kind}">${entry.kind === 'event' ? rule : null}${time(entry, y)}${dot}
${label(entry, last ? x - 12 : x + 12, entry.kind === 'event' ? y - 8 : y + 4, last ? 'end' : 'start')}</g>`;
}

function arrow(layout: LadderLayout, entry: LadderEntry, y: number): Markup {
  const { color, dash, width } = STYLES[entry.kind];
  const from = layout.x(entry.from);
  const to = layout.x(entry.to);
  // the slope says which way; it stays within its row, the label says how long
  const down = entry.arrived === undefined ? y + ROW * 0.3 : Math.min(Math.max(layout.y(entry.arrived), y + 3), y + ROW * 0.4);
  const side = to > from ? 1 : -1;
  const lost = entry.arrived === undefined;
  const tip = lost ? from + (to - from) * 0.72 : to;
  const head = lost
    ? html`<path d="M${tip - 5} ${round(down - 5)}l10 10m0-10l-10 10" stroke="${color}" stroke-width="2" fill="none"/>`
    : html`<path d="M${to} ${round(down)}l${-9 * side} -4.5v9z" fill="${color}"/>`;
  return html`<g class="entry arrow ${entry.kind}">${time(entry, y)}
<line x1="${from}" y1="${round(y)}" x2="${tip - (lost ? 0 : 4 * side)}" y2="${round(down)}" stroke="${color}" stroke-width="${width}" stroke-dasharray="${dash || 'none'}"/>${head}
${label(entry, (from + to) / 2, (y + down) / 2 - 8, 'middle')}</g>`;
}

function label(entry: LadderEntry, x: number, y: number, anchor: string): Markup {
  const { color } = STYLES[entry.kind];
  return html`<text x="${x}" y="${round(y)}" text-anchor="${anchor}" fill="${color}" stroke="#fff" stroke-width="4" paint-order="stroke" stroke-linejoin="round">${short(entry.label, 46)}<title>${sentence(entry)}</title></text>`;
}

function stallBar(layout: LadderLayout, name: string, start: number, end: number | null, x: number): Markup {
  const top = layout.y(start);
  const bottom = end === null ? layout.height - 12 : layout.y(end);
  const middle = round((top + bottom) / 2);
  const text = `${name} stalled ${end === null ? 'to the end' : offset((end - start) / 1e9).slice(1)}`;
  return html`<g class="outage"><rect x="${x}" y="${round(top)}" width="${BAR - 8}" height="${round(Math.max(2, bottom - top))}" fill="#fbe3cf" stroke="#a34a00"/>
<text transform="translate(${x + BAR / 2} ${middle}) rotate(-90)" text-anchor="middle" fill="#7a3700" font-size="11">${short(text, Math.max(8, Math.floor((bottom - top) / 6.2)))}<title>${text}</title></text></g>`;
}

/** What the entry is, in words. */
export function sentence(entry: LadderEntry): string {
  if (entry.from === entry.to) return `${entry.from}: ${entry.label}`;
  const travelled =
    entry.arrived === undefined ? ', not seen arriving' : `, arrives after ${offset((entry.arrived - entry.t) / 1e9).slice(1)}`;
  return `${entry.from} to ${entry.to}: ${entry.label}${travelled}`;
}

function short(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
