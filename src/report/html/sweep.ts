/** Goodput over the variable that is swept (the MML-IPsec paper's figures 12, 14, 17), and what protection takes of it (figure 18). */
import type { TopLevelSpec } from 'vega-lite';
import { SMALLEST_N_FOR_INTERVAL } from '../../stats/index.ts';
import type { MetricSummary, Summary } from '../../types/run.ts';
import { printed, scaled, unitName } from '../format.ts';
import { type Line, type Sweep, shortNames, sweepsOf } from '../sweep/axis.ts';
import { type Overhead, overheadsOf } from '../sweep/overhead.ts';
import { LEGEND, lineScales, MOST_LINES } from './lines.ts';
import { html, type Markup } from './markup.ts';
import { drawn, LOOK } from './vega.ts';

const WIDTH = 350;
const HEIGHT = 240;
/** characters of a label, and labels, that fit beside each other */
const LONG = 5;
const FEW = 6;

/** Figures, none where nothing is swept or no goodput was measured. */
export async function sweepFigures(summary: Summary): Promise<Markup[]> {
  const figures: Markup[] = [];
  for (const sweep of sweepsOf(summary.cells, 'goodput')) {
    figures.push(await figure(sweep));
    const overheads = overheadsOf(sweep);
    if (overheads.length > 0) figures.push(await overheadFigure(sweep, overheads));
  }
  return figures;
}

async function figure({ metric, axis, lines }: Sweep): Promise<Markup> {
  const names = shortNames(lines);
  const unit = lines.flatMap(({ points }) => points).find((point) => point !== null)!.unit;
  const words = lines.map((line, i) => `${names[i] || metric}: ${describe(line, axis.values)}`).join('; ');
  const heading = `${metric} over ${axis.name}`;
  const few = lines.some(({ points }) => points.some(isFew));
  const heads = names.map((name) => html`<th scope="col">${name || unitName(unit)}</th>`);
  const rows = axis.values.map(
    (value, k) =>
      html`<tr><th scope="row" class="text">${value}</th>${lines.map(({ points }) => html`<td>${cellOf(points[k] ?? null)}</td>`)}</tr>`,
  );
  const shown = lines.length <= MOST_LINES;
  return html`<figure class="chart sweep"><figcaption><strong>${heading}</strong>, ${unitName(unit)}: medians${few ? ', and the range of all runs (*)' : ', and their 95 % intervals'}</figcaption>
${shown ? html`<div role="img" aria-label="${`${heading}. ${words}`}">${await drawn(spec(axis.name, axis.values, lines, names, unit))}</div>` : html`<p class="soft">${lines.length} lines are too many to draw.</p>`}
<div class="scroll" tabindex="0" role="region" aria-label="${`${heading}, as a table`}"><table>
<thead><tr><th scope="col">${axis.name}</th>${heads}</tr></thead><tbody>${rows}</tbody></table></div></figure>`;
}

const isFew = (point: MetricSummary | null): boolean => point?.quartiles != null && point.quartiles.n < SMALLEST_N_FOR_INTERVAL;

function cellOf(point: MetricSummary | null): Markup | string {
  const quartiles = point?.quartiles ?? null;
  if (point === null || quartiles === null) return '–';
  const show = (value: number): string => printed(value, point.unit);
  return html`${show(quartiles.median)}<br><span class="soft">${show(quartiles.ci95[0])} – ${show(quartiles.ci95[1])}${isFew(point) ? '*' : ''}</span>`;
}

function describe({ points }: Line, values: readonly string[]): string {
  return points
    .map((point, k) => `${point?.quartiles ? printed(point.quartiles.median, point.unit) : 'nothing'} at ${values[k]}`)
    .join(', ');
}

function spec(
  axis: string,
  values: readonly string[],
  lines: readonly Line[],
  names: readonly string[],
  unit: MetricSummary['unit'],
): TopLevelSpec {
  const rows = lines.flatMap(({ points }, i) =>
    points.flatMap((point, k) => {
      if (!point?.quartiles) return [];
      const { median, ci95 } = point.quartiles;
      const [y, low, high] = [median, ...ci95].map((value) => scaled(value, unit));
      return [{ line: names[i], x: values[k], y, low, high }];
    }),
  );
  return chart(axis, values, unitName(unit), names, rows, true);
}

async function overheadFigure({ metric, axis }: Sweep, overheads: readonly Overhead[]): Promise<Markup> {
  const names = overheads.map(({ line }) => line);
  const heading = `Overhead of ${metric} over ${axis.name}`;
  const percent = (value: number): string => (100 * value).toFixed(2);
  const values = axis.values.filter((value) => overheads[0]!.points.some((point) => point.value === value));
  const rows = overheads.flatMap(({ line, points }) =>
    points.flatMap(({ value, overhead }) => (overhead === null ? [] : [{ line, x: value, y: 100 * overhead }])),
  );
  const words = overheads.map(({ points }) =>
    points.map(({ value, overhead }) => `${overhead === null ? 'nothing' : `${percent(overhead)} %`} at ${value}`).join(', '),
  );
  const body = overheads.flatMap(({ line, points }) =>
    points.map(
      ({ value, overhead }) =>
        html`<tr><th scope="row" class="text">${line === '' ? value : `${line}, ${value}`}</th><td>${overhead === null ? '–' : percent(overhead)}</td></tr>`,
    ),
  );
  return html`<figure class="chart sweep"><figcaption><strong>${heading}</strong>, % of the median without protection (never)</figcaption>
<div role="img" aria-label="${`${heading}. ${words.join('; ')}`}">${await drawn(chart(axis.name, values, '%', names, rows, false))}</div>
<div class="scroll" tabindex="0" role="region" aria-label="${`${heading}, as a table`}"><table>
<thead><tr><th scope="col">${axis.name}</th><th scope="col">overhead, %</th></tr></thead><tbody>${body}</tbody></table></div></figure>`;
}

function chart(
  axis: string,
  values: readonly string[],
  unit: string,
  names: readonly string[],
  rows: object[],
  band: boolean,
): TopLevelSpec {
  const slanted = values.length > FEW && values.some((value) => value.length > LONG);
  const x = {
    field: 'x',
    type: 'ordinal' as const,
    sort: [...values],
    title: axis,
    axis: { labelAngle: slanted ? -40 : 0, labelOverlap: false, grid: false },
  };
  const y = (field: string) => ({ field, type: 'quantitative' as const, title: unit, scale: { zero: true } });
  const { color, strokeDash, shape } = lineScales(names, 'line');
  // one line needs no legend
  const legend = names.length > 1 ? { legend: { symbolOpacity: 1 } } : { legend: null };
  return {
    width: WIDTH,
    height: HEIGHT,
    background: 'white',
    config: { ...LOOK, legend: LEGEND },
    data: { values: rows },
    layer: [
      ...(band
        ? [
            {
              mark: { type: 'area', opacity: 0.18 },
              encoding: { x, y: y('low'), y2: { field: 'high' }, color: { ...color, ...legend } },
            },
          ]
        : []),
      {
        mark: { type: 'line', strokeWidth: 1.6, point: { size: 36, filled: true } },
        encoding: {
          x,
          y: y('y'),
          color: { ...color, ...legend },
          strokeDash: { ...strokeDash, ...legend },
          shape: { ...shape, ...legend },
        },
      },
    ],
  } as TopLevelSpec;
}
