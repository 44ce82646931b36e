/** Instructions per packet as a table: a row per host and flow, a column per `security`, and what transport mode costs of tunnel mode. */
import { groupsOf, securityOf } from '../../stats/index.ts';
import type { CellSummary, Comparison, Summary } from '../../types/run.ts';
import { type Added, addedBy } from './added.ts';

/** The protections that exist in both modes. */
export const CIPHERS = ['esp', 'null'] as const;
export type Cipher = (typeof CIPHERS)[number];

/** Transport mode beside tunnel mode, from medians. */
export interface Modes {
  /** null: tunnel mode cost nothing */
  ratio: number | null;
  /** with its interval; null for a sum over hosts, which has none */
  comparison: Comparison | null;
  /** null: no cell without protection to take away */
  added: Added | null;
}

export interface CpuRow {
  /** null: all hosts together */
  node: string | null;
  flow: string;
  /** instructions per packet, medians, in the order of the table's `securities`; null: not observed */
  medians: (number | null)[];
  modes: Partial<Record<Cipher, Modes>>;
}

export interface CpuTable {
  /** what its cells share beside `security`; may be empty */
  title: string;
  securities: string[];
  /** names of its cells, in the same order */
  cells: string[];
  /** those of CIPHERS that have both modes */
  ciphers: Cipher[];
  /** by flow, the sum over its hosts last where there are several */
  rows: CpuRow[];
}

/** One table per group of cells; none where the matrix does not vary `security` or nobody measured CPU. */
export function cpuTables(summary: Summary): CpuTable[] {
  return groupsOf(summary.cells.filter((cell) => securityOf(cell) !== null)).flatMap(({ title, cells }) => {
    const securities = cells.map((cell) => securityOf(cell)!);
    const metrics = new Set(cells.flatMap((cell) => cell.metrics.filter(isCpu).map(({ metric }) => metric)));
    const hosts = [...metrics].map((metric) => rowOf(metric, cells, securities, summary.comparisons ?? []));
    const observed = hosts.filter(({ medians }) => medians.some((median) => median !== null));
    if (observed.length === 0) return [];
    const rows = [...Map.groupBy(observed, ({ flow }) => flow).values()].flatMap((same) =>
      same.length > 1 ? [...same, sumOf(same, securities)] : same,
    );
    const ciphers = CIPHERS.filter((cipher) => rows.some(({ modes }) => modes[cipher] !== undefined));
    return [{ title, securities, cells: cells.map(({ cell }) => cell), ciphers, rows }];
  });
}

/** Whether a metric is in these tables, and need not be anywhere else. */
export function isCpu({ base }: { base: string }): boolean {
  return base === 'CPU';
}

/** Ciphers of which some row has a ratio of what protection adds. */
export function addingOf(ciphers: readonly Cipher[], rows: readonly CpuRow[]): Cipher[] {
  return ciphers.filter((cipher) => rows.some(({ modes }) => (modes[cipher]?.added?.ratio ?? null) !== null));
}

function rowOf(metric: string, cells: CellSummary[], securities: string[], comparisons: readonly Comparison[]): CpuRow {
  const [, node = '', ...flow] = metric.split('.');
  const named = (security: string) => cells[securities.indexOf(security)]?.cell;
  const medians = cells.map(({ metrics }) => metrics.find((entry) => entry.metric === metric)?.quartiles?.median ?? null);
  const modes: CpuRow['modes'] = {};
  for (const cipher of CIPHERS) {
    const [transport, tunnel] = [named(`${cipher}-transport`), named(`${cipher}-tunnel`)];
    const comparison = comparisons.find((entry) => entry.metric === metric && entry.cell === transport && entry.baseline === tunnel);
    if (comparison === undefined) continue;
    modes[cipher] = { ratio: comparison.ratio, comparison, added: addedBy(cipher, securities, medians) };
  }
  return { node, flow: flow.join('.'), medians, modes };
}

/** A cell in which one of the hosts has no value has no sum. */
function sumOf(rows: CpuRow[], securities: string[]): CpuRow {
  const medians = securities.map((_, i) => {
    const all = rows.map((row) => row.medians[i] ?? null).filter((median) => median !== null);
    return all.length < rows.length ? null : all.reduce((total, median) => total + median, 0);
  });
  const modes: CpuRow['modes'] = {};
  for (const cipher of CIPHERS) {
    const [transport, tunnel] = ['transport', 'tunnel'].map((mode) => medians[securities.indexOf(`${cipher}-${mode}`)] ?? null);
    if (typeof transport !== 'number' || typeof tunnel !== 'number') continue;
    const ratio = tunnel === 0 ? null : transport / tunnel;
    modes[cipher] = { ratio, comparison: null, added: addedBy(cipher, securities, medians) };
  }
  return { node: null, flow: rows[0]!.flow, medians, modes };
}
