/**
 * What a flow delivered over time, around the event: one small chart per cell of a group, one below the other with the same axes, so that
 * what protection does to it can be seen where five lines in one chart would hide each other. The E2E paper's figures 3c to 3e are such.
 */
import type { TopLevelSpec } from 'vega-lite';
import { groupsOf, securityOf } from '../../stats/index.ts';
import type { CellExperiment, Flow } from '../../types/experiment.ts';
import type { Throughput } from '../../types/run.ts';
import { grouped, printed } from '../format.ts';
import { beyondTag, isBeyond } from './beyond.ts';
import { html, type Markup } from './markup.ts';
import { medianRun } from './median-run.ts';
import { steps } from './throughput-bins.ts';
import type { ReportInput } from './types.ts';
import { drawn, INK, LOOK } from './vega.ts';

const WIDTH = 400;
const HEIGHT = 58;

interface Line {
  /** what the cell is called in its group */
  name: string;
  run: number;
  t0: number | null;
  throughput: Throughput;
  beyond: boolean;
}

/** Figures of the median runs: a group's flows that are no udp and whose receiver counted octets. */
export async function throughputCharts({ record, summary, runs }: ReportInput): Promise<Markup[]> {
  const figures: Markup[] = [];
  for (const { title, cells } of groupsOf(summary.cells)) {
    const drawnRuns = cells.flatMap((cell) => {
      const run = medianRun(cell, runs);
      const experiment = record.cells.find((entry) => entry.cell === cell.cell);
      return run === null || experiment === undefined ? [] : [{ name: securityOf(cell) ?? cell.cell, facts: run.facts, experiment }];
    });
    const flows = new Set(
      drawnRuns.flatMap(({ experiment }) => experiment.flows.filter((flow) => isDrawn(experiment, flow)).map(({ name }) => name)),
    );
    for (const flow of flows) {
      const lines = drawnRuns.flatMap(({ name, facts, experiment }): Line[] => {
        const throughput = facts.flows[flow]?.throughput;
        if (throughput === undefined || steps(throughput, facts.t0).length === 0) return [];
        return [{ name, run: facts.run, t0: facts.t0, throughput, beyond: isBeyond(experiment, flow) }];
      });
      const kinds = new Set(
        drawnRuns.flatMap(({ experiment }) => experiment.flows.filter(({ name }) => name === flow).map(({ kind }) => kind)),
      );
      if (lines.length > 0) figures.push(await figure(title, flow, [...kinds].join(', '), lines));
    }
  }
  return figures;
}

/** A bulk flow's goodput has charts of its own. */
function isDrawn({ measure }: CellExperiment, { kind }: Flow): boolean {
  return kind !== 'udp' && (kind !== 'tcp' || measure.includes('throughput'));
}

async function figure(title: string, flow: string, kind: string, lines: Line[]): Promise<Markup> {
  const heading = `${title === '' ? '' : `${title}, `}${flow} (${kind})`;
  const words = lines.map((line) => `${line.name}: ${describe(line)}`).join('; ');
  const all = lines.every(({ beyond }) => beyond);
  return html`<figure class="chart throughput"><figcaption><strong>${heading}</strong>${all ? beyondTag(kind === 'mptcp' ? 'MPTCP' : 'WireGuard') : null}</figcaption>
<div role="img" aria-label="${`Throughput of ${heading}. ${words}`}">${await drawn(spec(lines, all))}</div>
<div class="scroll" tabindex="0" role="region" aria-label="${`Throughput of ${heading}, as a table`}"><table>
<thead><tr><th scope="col">cell</th><th scope="col">run</th><th scope="col">before, Mbit/s</th><th scope="col">back after, ms</th><th scope="col">missing, octets</th><th scope="col">all bins, octets</th></tr></thead>
<tbody>${lines.map((line) => row(line, all))}</tbody></table></div></figure>`;
}

function row({ name, run, throughput: { before, recovered, missing, octets }, t0, beyond }: Line, allBeyond: boolean): Markup {
  const back = t0 === null ? '–' : recovered === null ? 'never' : recovered === 0 ? 'at once' : printed(recovered, 's');
  return html`<tr><th scope="row" class="text">${name}${beyond && !allBeyond ? html`<br><span class="tag">beyond the paper</span>` : null}</th><td>${run}</td><td>${printed(before, 'bit/s')}</td><td>${back}</td><td>${missing === null ? '–' : grouped(missing)}</td><td>${grouped(sum(octets))}</td></tr>`;
}

function describe({ run, t0, throughput: { before, recovered, missing, octets } }: Line): string {
  const parts = [`run ${run}`, ...(before === null ? [] : [`${printed(before, 'bit/s')} Mbit/s before`])];
  if (t0 !== null)
    parts.push(
      recovered === null
        ? 'does not get back to 90 % of it'
        : recovered === 0
          ? 'has 90 % of it from t0 on'
          : `90 % of it again ${printed(recovered, 's')} ms after t0`,
    );
  if (missing !== null) parts.push(`${missing.toFixed(0)} octets missing`);
  return [...parts, `bins sum to ${sum(octets)} octets`].join(', ');
}

const sum = (octets: readonly number[]): number => octets.reduce((total, value) => total + value, 0);

function spec(lines: Line[], allBeyond: boolean): TopLevelSpec {
  const labels = lines.map(({ name, beyond }) => (beyond && !allBeyond ? `${name} (beyond the paper)` : name));
  const values = lines.flatMap(({ throughput, t0 }, i) => {
    const cell = labels[i]!;
    const bins = steps(throughput, t0).map(({ x, y }) => ({ cell, kind: 'bin', x, y: y / 1e6 }));
    if (t0 === null) return bins;
    const { recovered } = throughput;
    return [
      ...bins,
      { cell, kind: 't0', x: 0 },
      ...(recovered === null || recovered === 0 ? [] : [{ cell, kind: 'recovered', x: recovered }]),
    ];
  });
  const only = (kind: string) => [{ filter: { field: 'kind', equal: kind } }];
  const xs = values.map(({ x }) => x);
  const x = {
    field: 'x',
    type: 'quantitative' as const,
    title: lines.some(({ t0 }) => t0 !== null) ? 'seconds from t0' : 'seconds',
    scale: { domain: [Math.min(...xs), Math.max(...xs)], nice: false },
    axis: { tickCount: 8 },
  };
  // to either side, because the two may be near each other
  const word = (kind: string, text: string, align: 'left' | 'right') => ({
    transform: only(kind),
    mark: { type: 'text' as const, text, align, baseline: 'top' as const, dx: align === 'left' ? 3 : -3, y: -11, fontSize: 10, color: INK },
    encoding: { x },
  });
  return {
    background: 'white',
    data: { values },
    config: LOOK,
    facet: {
      row: {
        field: 'cell',
        type: 'nominal',
        sort: labels,
        title: null,
        header: { labelOrient: 'top', labelAnchor: 'start', labelFontSize: 11.5, labelColor: INK, labelPadding: 2, labelLimit: WIDTH },
      },
    },
    spacing: 16,
    spec: {
      width: WIDTH,
      height: HEIGHT,
      layer: [
        {
          transform: only('bin'),
          mark: { type: 'area', interpolate: 'step-after', color: '#cfe0f0', line: { color: '#1f5f99', strokeWidth: 1.2 } },
          encoding: { x, y: { field: 'y', type: 'quantitative', title: 'Mbit/s', axis: { tickCount: 3 } } },
        },
        { transform: only('t0'), mark: { type: 'rule', color: '#a11414', strokeWidth: 1.5 }, encoding: { x } },
        { transform: only('recovered'), mark: { type: 'rule', color: '#a34a00', strokeWidth: 1.5, strokeDash: [4, 2] }, encoding: { x } },
        word('t0', 't0', 'right'),
        word('recovered', '90 %', 'left'),
      ],
    },
  } as TopLevelSpec;
}
