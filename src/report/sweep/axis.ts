/** The variable of the matrix that an experiment sweeps, and the lines over it. */
import type { CellSummary, MetricSummary } from '../../types/run.ts';

type Value = string | number | boolean;

export interface Axis {
  /** of the matrix */
  name: string;
  /** in the order of the file */
  values: string[];
}

export interface Line {
  /** the other values, `config=mml`; empty when there are none */
  name: string;
  /** one per value of the axis; null: no such cell, or nothing measured there */
  points: (MetricSummary | null)[];
}

export interface Sweep {
  metric: string;
  axis: Axis;
  lines: Line[];
}

/** Fewer make no curve. */
const LEAST = 3;
const NUMERIC = /^\d+(\.\d+)?(e[+-]?\d+)?(\/\d+(\.\d+)?[KMG]?)?$/i;

/** `5`, `1.9e-6`, `1/512K`. */
function isNumeric(value: Value): boolean {
  return typeof value === 'number' || (typeof value === 'string' && NUMERIC.test(value));
}

/** The variable with the most numeric values, of several the first; null when none has at least three. */
export function axisOf(cells: readonly CellSummary[]): Axis | null {
  let best: { name: string; values: Value[]; numeric: number } | null = null;
  for (const name of new Set(cells.flatMap(({ values }) => Object.keys(values)))) {
    const values = [...new Set(cells.flatMap((cell) => (cell.values[name] === undefined ? [] : [cell.values[name]])))];
    const numeric = values.filter(isNumeric).length;
    if (numeric >= LEAST && (best === null || numeric > best.numeric)) best = { name, values, numeric };
  }
  return best === null ? null : { name: best.name, values: best.values.map(String) };
}

/** One per metric of this base that some cell has a value of, with a line per combination of the other variables. */
export function sweepsOf(cells: readonly CellSummary[], base: MetricSummary['base']): Sweep[] {
  const axis = axisOf(cells);
  if (axis === null) return [];
  const metrics = new Set(
    cells.flatMap((cell) => cell.metrics.filter((entry) => entry.base === base && entry.quartiles !== null).map(({ metric }) => metric)),
  );
  const groups = Map.groupBy(
    cells.filter(({ values }) => values[axis.name] !== undefined),
    ({ values }) =>
      Object.entries(values)
        .filter(([name]) => name !== axis.name)
        .map(([name, value]) => `${name}=${value}`)
        .join(', '),
  );
  return [...metrics].map((metric) => ({
    metric,
    axis,
    lines: [...groups].map(([name, members]) => ({
      name,
      points: axis.values.map((value) => {
        const cell = members.find(({ values }) => String(values[axis.name]) === value);
        return cell?.metrics.find((entry) => entry.metric === metric) ?? null;
      }),
    })),
  }));
}

/** Names of the lines without the variable's, where there is only one: `mml` of `config=mml`. */
export function shortNames(lines: readonly Line[]): string[] {
  const single = lines.every(({ name }) => /^[^=,]+=[^,]*$/.test(name));
  return lines.map(({ name }) => (single ? name.slice(name.indexOf('=') + 1) : name));
}
