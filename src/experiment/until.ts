/**
 * When a cell has been repeated often enough: `--until-ci 5%`. It has when, for every metric it measures, half the width of the 95 %
 * interval of the median is at most that share of the median. The interval is the one the summary prints.
 *
 * Some metrics do not decide, unless nothing else is measured. Counts (loss, retransmitted) and T_RECOVER, which counts bins of 100 ms, are often
 * 0 or jump between two values: no share of them means anything. The parts of T_SYS neither: one of them mostly is 0, and their sum
 * decides. Throughput is that before the event, and in a flow with a rate it is the rate: it says nothing about the handover.
 *
 * The decision after run n looks at runs 1 to n and nothing else, however many guests work side by side and whatever they finished
 * beyond n: the same experiment and seed stop at the same run. It must hold after two valid runs in a row, because the median of an
 * even and of an odd number of values have intervals of different width, and the first narrow one is often luck.
 *
 * Looking after every run makes the interval at the stop a little optimistic, as with every sequential rule: of normal values it then
 * holds the true median in 87 to 93 % of sweeps (80 % if once were enough).
 */
import { deriveSeed } from '../host/random.ts';
import { baseOf, quartiles, SMALLEST_N_FOR_INTERVAL } from '../stats/index.ts';
import type { CellExperiment, MetricName } from '../types/experiment.ts';
import type { RunFacts } from '../types/run.ts';

/** Runs a cell may get when nobody said how many: the median of values with a standard deviation of 29 % is known to 5 % after about so many. */
const MOST_RUNS = 200;

/** What decides only where nothing else is measured. */
const UNDECIDED: ReadonlySet<MetricName> = new Set(['loss', 'retransmitted', 'T_RECOVER', 'throughput']);
const PARTS = new Set(['T_SYS.timer', 'T_SYS.rest']);

/** Valid runs in a row after which the intervals must be narrow. */
const IN_A_ROW = 2;

/** How many runs of a cell to plan: what was asked for, else the file's number, and more where an interval decides. */
export function runsToPlan(asked: number | undefined, file: number, untilCi: number | undefined): number {
  return asked ?? (untilCi === undefined ? file : Math.max(file, MOST_RUNS));
}

/** Follows one cell. Runs may come in any order; each is looked at when all before it are there. */
export class StoppingRule {
  /** the last run the cell needs; null: not known yet */
  stop: number | null = null;
  readonly #cell: CellExperiment;
  readonly #seed: number;
  readonly #tolerance: number;
  readonly #early = new Map<number, RunFacts | null>();
  readonly #values = new Map<string, number[]>();
  #prefix = 0;
  #valid = 0;
  #narrow = 0;
  /** the metric that was too wide last, and probably still is: asked first, the others need no interval then */
  #widest = '';

  /** `seed` is the experiment's; `tolerance` a fraction of the median. */
  constructor(cell: CellExperiment, seed: number, tolerance: number) {
    this.#cell = cell;
    this.#seed = seed;
    this.#tolerance = tolerance;
  }

  /** An event run has ended; null: it left nothing that can be analysed. Returns the last run the cell needs, once that is known. */
  add(run: number, facts: RunFacts | null): number | null {
    if (this.stop === null && run > this.#prefix && !this.#early.has(run)) this.#early.set(run, facts);
    while (this.stop === null && this.#early.has(this.#prefix + 1)) {
      this.#prefix += 1;
      this.#look(this.#early.get(this.#prefix) ?? null);
      this.#early.delete(this.#prefix);
    }
    return this.stop;
  }

  #look(facts: RunFacts | null): void {
    if (facts === null || !facts.valid) return;
    this.#valid += 1;
    for (const [metric, value] of Object.entries(facts.metrics)) {
      if (value === null || !this.#decides(metric)) continue;
      const values = this.#values.get(metric);
      if (values === undefined) this.#values.set(metric, [value]);
      else values.push(value);
    }
    this.#narrow = this.#allNarrow() ? this.#narrow + 1 : 0;
    if (this.#narrow === IN_A_ROW) this.stop = this.#prefix;
  }

  #decides(metric: string): boolean {
    const { measure } = this.#cell;
    const base = baseOf(metric);
    if (!measure.includes(base)) return false;
    return measure.every((name) => UNDECIDED.has(name)) || !(UNDECIDED.has(base) || PARTS.has(metric));
  }

  /** What was never observed decides nothing; but something must be. */
  #allNarrow(): boolean {
    if (this.#valid < SMALLEST_N_FOR_INTERVAL || this.#values.size === 0) return false;
    const metrics = [...this.#values.keys()].sort((a, b) => Number(b === this.#widest) - Number(a === this.#widest));
    const wide = metrics.find((metric) => !this.#isNarrow(metric));
    this.#widest = wide ?? '';
    return wide === undefined;
  }

  #isNarrow(metric: string): boolean {
    const values = this.#values.get(metric)!;
    if (values.length < SMALLEST_N_FOR_INTERVAL) return false; // seen in some runs only: there is no interval yet
    const { median, ci95 } = quartiles(values, deriveSeed(this.#seed, this.#cell.cell, metric))!;
    return (ci95[1] - ci95[0]) / 2 <= this.#tolerance * Math.abs(median);
  }
}

/**
 * The smallest n for which runs 1 to n of `cell` are all there and enough; null when they are not. Facts of other cells and of null runs
 * are passed over. `seed` is the experiment's, `tolerance` a fraction of the median.
 */
export function stoppingRun(facts: readonly RunFacts[], cell: CellExperiment, seed: number, tolerance: number): number | null {
  const rule = new StoppingRule(cell, seed, tolerance);
  for (const entry of facts) if (!entry.nullEvent && entry.cell === cell.cell) rule.add(entry.run, entry);
  return rule.stop;
}
