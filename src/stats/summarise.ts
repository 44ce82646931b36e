/**
 * All runs of an experiment as one Summary: per cell and metric the quartiles of the valid event runs, beside the floor
 * the null runs give. An invalid run takes part in no number and is always listed with its reasons; so is a run that was
 * asked for and left no facts.
 */
import { deriveSeed } from '../host/random.ts';
import type { CellExperiment } from '../types/experiment.ts';
import { METRICS } from '../types/experiment.ts';
import type { CellSummary, ExperimentRecord, MetricSummary, RunFacts, Summary } from '../types/run.ts';
import { comparisons } from './comparisons.ts';
import { hostsOf } from './hosts.ts';
import { baseOf, hasFloor, unitOf } from './metrics.ts';
import { disturbedRuns, noiseOf } from './noise.ts';
import { quartiles } from './quartiles.ts';

/** Pure and deterministic. `folder` is only recorded. */
export function summarise(record: ExperimentRecord, facts: RunFacts[], folder: string): Summary {
  const { name, id, provenance } = record;
  const cells = record.cells.map((cell) =>
    summariseCell(
      record,
      cell,
      facts.filter((entry) => entry.cell === cell.cell),
    ),
  );
  const beside = comparisons(cells, record.seed);
  const hosts = hostsOf(record);
  const paper = record.cells.find((cell) => cell.paper !== undefined)?.paper;
  return {
    format: 1,
    experiment: name,
    id,
    folder,
    provenance,
    cells,
    ...(beside.length === 0 ? {} : { comparisons: beside }),
    ...(hosts === null ? {} : { hosts }),
    ...(paper === undefined ? {} : { paper }),
  };
}

function summariseCell(record: ExperimentRecord, cell: CellExperiment, facts: RunFacts[]): CellSummary {
  const byRun = (a: RunFacts, b: RunFacts): number => a.run - b.run;
  const runs = facts.filter((entry) => !entry.nullEvent).sort(byRun);
  const nulls = facts.filter((entry) => entry.nullEvent).sort(byRun);
  const validNulls = nulls.filter((entry) => entry.valid);
  const invalid = [...runs, ...nulls]
    .filter((entry) => !entry.valid)
    .map((entry) => ({ run: entry.run, reasons: reasons(entry).map((why) => (entry.nullEvent ? `null run: ${why}` : why)) }));
  const present = new Set(runs.map((entry) => entry.run));
  const asked = record.stopped?.[cell.cell] ?? record.runs;
  for (let run = 1; run <= asked; run += 1) {
    if (!present.has(run)) invalid.push({ run, reasons: ['complete: the run left no facts'] });
  }
  const metrics = metricNames(cell, runs).map((metric) => summariseMetric(record, cell, metric, runs, validNulls));
  return {
    cell: cell.cell,
    values: cell.values,
    runs: Math.max(asked, runs.length),
    valid: runs.filter((entry) => entry.valid).length,
    invalid,
    nullRuns: nulls.length,
    nullQuiet: validNulls.length > 0 && validNulls.length === nulls.length && validNulls.every(isQuiet),
    disturbed: disturbedRuns(runs),
    noise: noiseOf(runs, metrics, deriveSeed(record.seed, cell.cell, 'noise')),
    metrics,
  };
}

function summariseMetric(
  record: ExperimentRecord,
  cell: CellExperiment,
  metric: string,
  runs: RunFacts[],
  nulls: RunFacts[],
): MetricSummary {
  const base = baseOf(metric);
  const values = runs.map((entry) => (entry.valid ? (entry.metrics[metric] ?? null) : null));
  const seed = deriveSeed(record.seed, cell.cell, metric);
  const floor = hasFloor(metric) ? nulls.map((entry) => entry.metrics[metric] ?? null).filter((value) => value !== null) : [];
  return {
    metric,
    base,
    unit: unitOf(metric),
    values,
    quartiles: quartiles(
      values.filter((value) => value !== null),
      seed,
    ),
    floor: quartiles(floor, seed)?.median ?? null,
  };
}

/** The metrics the cell asked for, in the order of METRICS, then of the flows; loss is always beside them, except of tcp, which repairs it. */
function metricNames(cell: CellExperiment, runs: RunFacts[]): string[] {
  const names = [...new Set(runs.flatMap((entry) => Object.keys(entry.metrics)))];
  const repaired = new Set(cell.flows.filter(({ kind }) => kind === 'tcp').map(({ name }) => `loss.${name}`));
  return METRICS.filter((base) => base === 'loss' || cell.measure.includes(base)).flatMap((base) =>
    names.filter((name) => baseOf(name) === base && (cell.measure.includes(base) || !repaired.has(name))),
  );
}

function reasons(entry: RunFacts): string[] {
  return entry.gates.filter((gate) => !gate.ok && gate.severity === 'invalid').map((gate) => `${gate.name}: ${gate.detail}`);
}

function isQuiet(entry: RunFacts): boolean {
  return Object.values(entry.flows).every((flow) => flow.outage === 'quiet' || flow.outage === null);
}
