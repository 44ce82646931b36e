/** Instructions per packet as a table: a row per host and flow, a column per `security`, and what transport mode costs of tunnel mode. */
import { groupsOf, securityOf } from '../../stats/index.ts';
import type { CellSummary, Comparison, Summary } from '../../types/run.ts';

/** The protections that exist in both modes. */
export const CIPHERS = ['esp', 'null'] as const;
export type Cipher = (typeof CIPHERS)[number];

export interface CpuRow {
  node: string;
  flow: string;
  /** instructions per packet, medians, in the order of the table's `securities`; null: not observed */
  medians: (number | null)[];
  /** transport mode beside tunnel mode */
  modes: Partial<Record<Cipher, Comparison>>;
}

export interface CpuTable {
  /** what its cells share beside `security`; may be empty */
  title: string;
  securities: string[];
  /** names of its cells, in the same order */
  cells: string[];
  /** those of CIPHERS that have both modes */
  ciphers: Cipher[];
  rows: CpuRow[];
}

/** One table per group of cells; none where the matrix does not vary `security` or nobody measured CPU. */
export function cpuTables(summary: Summary): CpuTable[] {
  return groupsOf(summary.cells.filter((cell) => securityOf(cell) !== null)).flatMap(({ title, cells }) => {
    const metrics = new Set(cells.flatMap((cell) => cell.metrics.filter(isCpu).map(({ metric }) => metric)));
    const rows = [...metrics].map((metric) => rowOf(metric, cells, summary.comparisons ?? []));
    const observed = rows.filter(({ medians }) => medians.some((median) => median !== null));
    const ciphers = CIPHERS.filter((cipher) => observed.some(({ modes }) => modes[cipher] !== undefined));
    const securities = cells.map((cell) => securityOf(cell)!);
    return observed.length === 0 ? [] : [{ title, securities, cells: cells.map(({ cell }) => cell), ciphers, rows: observed }];
  });
}

/** Whether a metric is in these tables, and need not be anywhere else. */
export function isCpu({ base }: { base: string }): boolean {
  return base === 'CPU';
}

function rowOf(metric: string, cells: CellSummary[], comparisons: readonly Comparison[]): CpuRow {
  const [, node = '', ...flow] = metric.split('.');
  const named = (security: string) => cells.find((cell) => securityOf(cell) === security)?.cell;
  const modes: CpuRow['modes'] = {};
  for (const cipher of CIPHERS) {
    const [transport, tunnel] = [named(`${cipher}-transport`), named(`${cipher}-tunnel`)];
    const found = comparisons.find((entry) => entry.metric === metric && entry.cell === transport && entry.baseline === tunnel);
    if (found !== undefined) modes[cipher] = found;
  }
  const medians = cells.map(({ metrics }) => metrics.find((entry) => entry.metric === metric)?.quartiles?.median ?? null);
  return { node, flow: flow.join('.'), medians, modes };
}
