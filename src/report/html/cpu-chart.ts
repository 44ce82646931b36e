/** Instructions per packet against payload: per host and direction a chart, in it a line per `security`. */
import type { TopLevelSpec } from 'vega-lite';
import type { CellExperiment, Flow } from '../../types/experiment.ts';
import { grouped } from '../format.ts';
import type { CpuRow, CpuTable } from '../protection/cpu.ts';
import { html, type Markup } from './markup.ts';
import { drawn, GROUPED, LOOK } from './vega.ts';

const WIDTH = 330;
const HEIGHT = 220;

/** The cipher is a colour, the mode a dash, and each has a shape of its own: no line is told by colour alone. */
const LOOKS: Record<string, { color: string; dash: number[]; shape: string }> = {
  none: { color: '#55606e', dash: [1, 0], shape: 'circle' },
  'esp-transport': { color: '#1f5f99', dash: [1, 0], shape: 'triangle-up' },
  'esp-tunnel': { color: '#1f5f99', dash: [6, 3], shape: 'square' },
  'null-transport': { color: '#a34a00', dash: [1, 0], shape: 'triangle-down' },
  'null-tunnel': { color: '#a34a00', dash: [6, 3], shape: 'diamond' },
};
const OTHER = { color: '#6a2c91', dash: [2, 2], shape: 'cross' };

interface Point {
  security: string;
  size: number;
  instructions: number;
}

/** `cell` is any of the table's: what its flows are. A row whose flow is not in it is in the table only. */
export async function cpuCharts(
  table: CpuTable,
  cell: CellExperiment | undefined,
  part: (node: string, flow: string) => string,
): Promise<Markup[]> {
  const flowOf = (row: CpuRow): Flow | undefined => cell?.flows.find(({ name }) => name === row.flow);
  const known = table.rows.filter((row) => row.node !== null && flowOf(row) !== undefined);
  const charts = Map.groupBy(known, (row) => part(row.node!, row.flow));
  const figures: Markup[] = [];
  for (const [name, rows] of charts) {
    const points = rows.flatMap((row) =>
      table.securities.flatMap((security, i): Point[] => {
        const median = row.medians[i] ?? null;
        return median === null ? [] : [{ security, size: flowOf(row)!.size, instructions: median }];
      }),
    );
    const heading = table.title === '' ? name : `${table.title}, ${name}`;
    const words = table.securities.map((security) => `${security}: ${describe(points.filter((point) => point.security === security))}`);
    figures.push(html`<figure class="chart cpu"><figcaption><strong>${heading}</strong></figcaption>
<div role="img" aria-label="${`Instructions per packet, ${heading}. ${words.join('; ')}`}">${await drawn(spec(points, table.securities))}</div></figure>`);
  }
  return figures;
}

function describe(points: Point[]): string {
  if (points.length === 0) return 'not observed';
  return points.map(({ size, instructions }) => `${grouped(instructions)} at ${size}`).join(', ');
}

function spec(points: Point[], securities: string[]): TopLevelSpec {
  const looks = securities.map((security) => LOOKS[security] ?? OTHER);
  const by = (range: unknown[]) => ({ field: 'security', type: 'nominal' as const, title: null, scale: { domain: securities, range } });
  return {
    width: WIDTH,
    height: HEIGHT,
    background: 'white',
    config: {
      ...LOOK,
      legend: { orient: 'bottom', columns: 2, labelFontSize: 11, symbolSize: 70, symbolStrokeWidth: 1.6, labelLimit: 0 },
    },
    data: { values: points },
    mark: { type: 'line', strokeWidth: 1.6, point: { size: 36, filled: true } },
    encoding: {
      x: {
        field: 'size',
        type: 'quantitative',
        title: 'payload, octets',
        scale: { zero: false, nice: true },
        axis: { labelExpr: GROUPED, tickCount: 8, labelOverlap: false, labelFlush: false },
      },
      y: {
        field: 'instructions',
        type: 'quantitative',
        title: 'instructions per packet',
        scale: { zero: true },
        axis: { labelExpr: GROUPED },
      },
      color: by(looks.map(({ color }) => color)),
      strokeDash: by(looks.map(({ dash }) => dash)),
      shape: by(looks.map(({ shape }) => shape)),
    },
  } as TopLevelSpec;
}
