/**
 * One chart per metric: for each cell the box (q1 to q3), its whiskers (min to max), the median, and below them every single
 * value; the null runs' floor as a rule of its own. The papers draw the same five numbers as candlesticks.
 */
import type { TopLevelSpec } from 'vega-lite';
import type { MetricSummary, Summary, Unit } from '../../types/run.ts';
import { printed, scaled, unitName } from '../format.ts';
import { idlePart, isZero, PARTS } from '../news.ts';
import { cpuTables, isCpu } from '../protection/cpu.ts';
import { isStage } from '../sweep/stages.ts';
import { html, type Markup } from './markup.ts';
import { drawn, GROUPED, INK, LOOK } from './vega.ts';

/** Pixels per cell, and of the value axis. Small enough that labels stay legible on a phone. */
const STEP = 64;
const WIDTH = 350;

interface Row {
  cell: string;
  metric: MetricSummary;
}

export interface BoxPlots {
  charts: Markup[];
  /** metrics that are 0 wherever they are anything */
  zero: string[];
}

/**
 * Charts of all metrics that have a value other than 0 somewhere; without instructions per packet where those have a chart of their own, without
 * stages, which are a table, and without the parts of T_SYS where one of them is the whole.
 */
export async function boxPlots(summary: Summary): Promise<BoxPlots> {
  const elsewhere = cpuTables(summary).length > 0;
  const whole = idlePart(summary) !== null;
  const shown = summary.cells.flatMap(({ metrics }) =>
    metrics.filter((metric) => !(elsewhere && isCpu(metric)) && !isStage(metric) && !(whole && PARTS.includes(metric.metric))),
  );
  const names = [...new Set(shown.map(({ metric }) => metric))];
  const found: BoxPlots = { charts: [], zero: [] };
  for (const name of names) {
    const rows = summary.cells.flatMap((cell) =>
      cell.metrics.filter(({ metric }) => metric === name).map((metric) => ({ cell: cell.cell, metric })),
    );
    const seen = rows.filter(({ metric }) => metric.quartiles !== null);
    if (seen.length === 0) continue;
    if (seen.every(({ metric }) => isZero(metric))) found.zero.push(name);
    else found.charts.push(await chart(name, rows));
  }
  return found;
}

async function chart(name: string, rows: Row[]): Promise<Markup> {
  const { unit } = rows[0]!.metric;
  const words = rows.map(({ cell, metric }) => `${cell}: ${describe(metric)}`).join('; ');
  return html`<figure class="chart"><figcaption><strong>${name}</strong>, ${unitName(unit)}</figcaption>
<div role="img" aria-label="${`${name}. ${words}`}">${await drawn(spec(rows, unit))}</div></figure>`;
}

function describe({ quartiles, unit, floor }: MetricSummary): string {
  if (quartiles === null) return 'not observed';
  const show = (value: number): string => printed(value, unit);
  const { n, min, q1, median, q3, max } = quartiles;
  const end = floor === null ? '' : `, floor ${show(floor)}`;
  return `n ${n}, min ${show(min)}, q1 ${show(q1)}, median ${show(median)}, q3 ${show(q3)}, max ${show(max)}${end}`;
}

function spec(rows: Row[], unit: Unit): TopLevelSpec {
  const scale = (value: number): number => scaled(value, unit);
  const boxes = rows.flatMap(({ cell, metric: { quartiles: q } }) =>
    q === null ? [] : [{ cell, min: scale(q.min), q1: scale(q.q1), median: scale(q.median), q3: scale(q.q3), max: scale(q.max) }],
  );
  const points = rows.flatMap(({ cell, metric }) =>
    metric.values.filter((value) => value !== null).map((value) => ({ cell, value: scale(value) })),
  );
  const floors = rows.flatMap(({ cell, metric }) => (metric.floor === null ? [] : [{ cell, floor: scale(metric.floor) }]));
  const y = { field: 'cell', type: 'nominal' as const, sort: rows.map(({ cell }) => cell), title: null };
  const known = [...points.map(({ value }) => value), ...floors.map(({ floor }) => floor)];
  // an axis needs some length
  const zero = Math.max(...known) === Math.min(...known);
  const axis = { labelExpr: GROUPED };
  const x = (field: string) => ({ field, type: 'quantitative' as const, title: null, scale: { zero, nice: true }, axis });
  return {
    width: WIDTH,
    height: { step: STEP },
    background: 'white',
    config: { ...LOOK, axisY: { labels: false, grid: false, ticks: false, domain: false } },
    layer: [
      // above its box: beside it, a long name would leave no room for the values
      {
        name: 'cell',
        data: { values: rows.map(({ cell }) => ({ cell })) },
        mark: { type: 'text', align: 'left', baseline: 'bottom', yOffset: -12, fontSize: 11.5, color: INK, limit: WIDTH + 20 },
        encoding: { y, x: { value: 0 }, text: { field: 'cell' } },
      },
      {
        name: 'floor',
        data: { values: floors },
        mark: { type: 'tick', color: '#a34a00', thickness: 2.5, size: 40, yOffset: 8 },
        encoding: { y, x: x('floor') },
      },
      {
        name: 'whisker',
        data: { values: boxes },
        mark: { type: 'rule', color: '#1f5f99', yOffset: 2 },
        encoding: { y, x: x('min'), x2: { field: 'max' } },
      },
      {
        name: 'box',
        data: { values: boxes },
        mark: { type: 'bar', color: '#cfe0f0', stroke: '#1f5f99', strokeWidth: 1, size: 18, yOffset: 2, minBandSize: 2 },
        encoding: { y, x: x('q1'), x2: { field: 'q3' } },
      },
      {
        name: 'median',
        data: { values: boxes },
        mark: { type: 'tick', color: '#0d3357', thickness: 2.5, size: 22, yOffset: 2 },
        encoding: { y, x: x('median') },
      },
      {
        name: 'points',
        data: { values: points },
        mark: { type: 'point', filled: true, color: INK, opacity: 0.4, size: 16, yOffset: 20 },
        encoding: { y, x: x('value') },
      },
    ],
  } as TopLevelSpec;
}
