/** Which columns the table of cells has, and how wide each is, for a given terminal. */
import { plain, printed, unitName } from '../../report/format.ts';
import { baseOf, unitOf } from '../../stats/index.ts';
import type { MetricName } from '../../types/experiment.ts';
import { invalidIn, isComplete, type LiveCell } from './state.ts';
import { widest } from './text.ts';

/** How much of a name must be readable, and of a bar, before a metric gets room. */
const LEAST_NAME = 14;
const LEAST_BAR = 6;
const MOST_NAME = 48;
const MOST_BAR = 30;
const MOST_METRICS = 2;
export const GAP = 2;

/** What a handover cost comes first, then what it was spent on. T_SWITCH is a T_STALLED. */
const BY_INTEREST: MetricName[] = [
  ...(['T_STALLED', 'T_SWITCH', 'T_SYS', 'T_RECOVER', 'T_UPDATE', 'T_RC', 'T_SCTP', 'T_IKE'] as const),
  ...(['throughput', 'CPU', 'loss', 'retransmitted'] as const),
];

export interface MetricColumn {
  metric: string;
  title: string;
  width: number;
}

export interface Layout {
  name: number;
  /** 0: there is no room for one */
  bar: number;
  runs: number;
  invalid: number;
  metrics: MetricColumn[];
}

/** `12/50`; a cell that may need fewer runs has `12/≤200` until it is known. */
export function runsOf(cell: LiveCell, untilCi: boolean): string {
  if (cell.enough !== null) return `${cell.enough}/${cell.enough}`;
  return `${cell.ended.length}/${untilCi && !isComplete(cell) ? '≤' : ''}${cell.runs}`;
}

/** `155.0 [155.0..160.0]`: median and quartiles, in the metric's printed unit. */
export function quartilesOf(cell: LiveCell, metric: string): string {
  const numbers = cell.quartiles[metric];
  if (numbers === undefined) return '–';
  const show = (value: number): string => printed(value, unitOf(metric));
  return `${show(numbers.median)} [${show(numbers.q1)}..${show(numbers.q3)}]`;
}

/**
 * One metric of each kind, in the order of interest, the mobile node's downlink before other flows; where there are fewer kinds than
 * columns, the other flows of the first.
 */
export function keyMetrics(cells: readonly LiveCell[]): string[] {
  const seen = [...new Set(cells.flatMap((cell) => Object.keys(cell.quartiles)))];
  const downlink = (metric: string): boolean => seen.includes(metric.replace(/^[^.]+/, 'T_SWITCH'));
  const kinds = BY_INTEREST.map((base) => seen.filter((metric) => baseOf(metric) === base)).filter((kind) => kind.length > 0);
  const ordered = kinds.map((kind) => kind.toSorted((a, b) => Number(downlink(b)) - Number(downlink(a))));
  const apart = ordered.filter(([first]) => baseOf(first!) !== 'T_SWITCH' || !seen.some((metric) => baseOf(metric) === 'T_STALLED'));
  return [...apart.map(([first]) => first!), ...apart.flatMap(([, ...others]) => others)].slice(0, MOST_METRICS);
}

/** `shown` are the cells that get a row; names of others do not widen the table. */
export function layout(shown: readonly LiveCell[], all: readonly LiveCell[], untilCi: boolean, columns: number): Layout {
  const runs = widest(['runs', ...shown.map((cell) => runsOf(cell, untilCi))]);
  const invalid = widest(['invalid', ...shown.map((cell) => String(invalidIn(cell)))]);
  const fullName = Math.min(MOST_NAME, widest(['cell', ...shown.map((cell) => plain(cell.name))]));
  const leastName = Math.min(LEAST_NAME, fullName);
  const candidates = keyMetrics(all).map((metric) => {
    const unit = unitOf(metric);
    const title = unit === 'packets' ? plain(metric) : `${plain(metric)} ${unitName(unit)}`;
    return { metric, title, width: widest([title, ...shown.map((cell) => quartilesOf(cell, metric))]) };
  });
  let room = columns - leastName - GAP - runs - GAP - invalid;
  const bar = room >= GAP + LEAST_BAR ? LEAST_BAR : 0;
  room -= bar === 0 ? 0 : GAP + bar;
  const metrics: MetricColumn[] = [];
  for (const column of candidates) {
    if (room < GAP + column.width) break;
    room -= GAP + column.width;
    metrics.push(column);
  }
  const name = leastName + Math.min(Math.max(0, room), fullName - leastName);
  room -= name - leastName;
  return { name, bar: bar === 0 ? 0 : bar + Math.min(room, MOST_BAR - bar), runs, invalid, metrics };
}
