/** Sequence number and congestion window over time (the MML-IPsec paper's figures 15 and 16): a line per cell, of its median run. */
import type { TopLevelSpec } from 'vega-lite';
import type { Series } from '../../types/run.ts';
import { LEGEND, lineScales, MOST_LINES } from './lines.ts';
import { html, type Markup } from './markup.ts';
import { medianRun } from './median-run.ts';
import type { ReportInput } from './types.ts';
import { drawn, LOOK } from './vega.ts';

const WIDTH = 350;
const HEIGHT = 220;

interface Line {
  name: string;
  run: number;
  series: Series;
}

interface Kind {
  title: string;
  unit: string;
  /** null: nothing is known of that step */
  at: (series: Series, step: number) => number | null;
}

const KINDS: Kind[] = [
  { title: 'Octets sent', unit: 'MB', at: ({ octets }, k) => octets[k]! / 1e6 },
  { title: 'Congestion window', unit: 'segments', at: ({ cwnd }, k) => cwnd[k] ?? null },
];

/** Figures; none where no flow has a series, or more cells than lines can be told apart. */
export async function seriesFigures({ summary, runs }: ReportInput): Promise<Markup[]> {
  const drawnRuns = summary.cells.flatMap((cell) => {
    const run = medianRun(cell, runs);
    const name = Object.values(cell.values).length === 1 ? String(Object.values(cell.values)[0]) : cell.cell;
    return run === null ? [] : [{ name, facts: run.facts }];
  });
  const flows = new Set(drawnRuns.flatMap(({ facts }) => Object.keys(facts.flows)));
  const figures: Markup[] = [];
  for (const flow of flows) {
    const lines = drawnRuns.flatMap(({ name, facts }): Line[] => {
      const series = facts.flows[flow]?.series;
      return series === undefined || !(series.step > 0) || series.octets.length === 0 ? [] : [{ name, run: facts.run, series }];
    });
    if (lines.length === 0 || lines.length > MOST_LINES) continue;
    for (const kind of KINDS) figures.push(...(await figure(flow, kind, lines)));
  }
  return figures;
}

async function figure(flow: string, { title, unit, at: valueAt }: Kind, lines: readonly Line[]): Promise<Markup[]> {
  const points = lines.flatMap(({ name, series }) =>
    series.octets.flatMap((_, k) => {
      const y = valueAt(series, k);
      return y === null ? [] : [{ line: name, x: (k + 1) * series.step, y }];
    }),
  );
  if (points.length === 0) return [];
  const heading = `${title} of ${flow}`;
  const words = lines.map(({ name, run }) => {
    const mine = points.filter(({ line }) => line === name).map(({ y }) => y);
    const last = mine.at(-1);
    return last === undefined
      ? `${name}: not known`
      : `${name}, run ${run}: ${last.toFixed(1)} at the end, at most ${mine.reduce((a, b) => Math.max(a, b)).toFixed(1)}`;
  });
  return [
    html`<figure class="chart series"><figcaption><strong>${heading}</strong>, ${unit}, in each cell's median run</figcaption>
<div role="img" aria-label="${`${heading}, ${unit}. ${words.join('; ')}`}">${await drawn(spec(unit, lines, points))}</div></figure>`,
  ];
}

function spec(unit: string, lines: readonly Line[], points: object[]): TopLevelSpec {
  const { color, strokeDash } = lineScales(
    lines.map(({ name }) => name),
    'line',
  );
  const legend = lines.length > 1 ? {} : { legend: null };
  return {
    width: WIDTH,
    height: HEIGHT,
    background: 'white',
    config: { ...LOOK, legend: LEGEND },
    data: { values: points },
    mark: { type: 'line', strokeWidth: 1.4, interpolate: 'step-before' },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: 'seconds from the first octet', scale: { nice: false }, axis: { tickCount: 7 } },
      y: { field: 'y', type: 'quantitative', title: unit, scale: { zero: true } },
      color: { ...color, ...legend },
      strokeDash: { ...strokeDash, ...legend },
    },
  } as TopLevelSpec;
}
