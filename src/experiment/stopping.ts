/** `--until-ci` while guests work: which cells have had enough, and which runs are then one too many. */
import type { RunFacts } from '../types/run.ts';
import type { PlannedRun } from './folder.ts';
import { StoppingRule } from './until.ts';

export interface FinishedRun {
  run: PlannedRun;
  /** null: it left nothing that can be analysed */
  facts: RunFacts | null;
}

export class Stopping {
  readonly #rules: Map<string, StoppingRule>;

  /** `untilCi` is a fraction, undefined = never; `seed` the experiment's. */
  constructor(
    planned: readonly PlannedRun[],
    earlier: readonly FinishedRun[],
    { seed, untilCi }: { seed: number; untilCi?: number | undefined },
  ) {
    const cells = untilCi === undefined ? [] : planned.map(({ cell }) => cell);
    this.#rules = new Map(cells.map((cell) => [cell.cell, new StoppingRule(cell, seed, untilCi ?? 0)]));
    for (const { run, facts } of earlier) this.finished(run, facts);
  }

  /** A run has ended; true when its cell has had enough because of it. */
  finished(run: PlannedRun, facts: RunFacts | null): boolean {
    const rule = this.#rules.get(run.cell.cell);
    if (rule === undefined || run.nullEvent || rule.stop !== null) return false;
    return rule.add(run.run, facts) !== null;
  }

  /** Beyond the last run its cell needs: guests that worked side by side have gone further than one alone would. */
  tooMany(run: PlannedRun): boolean {
    const stop = this.#rules.get(run.cell.cell)?.stop ?? null;
    return stop !== null && !run.nullEvent && run.run > stop;
  }

  /** The last run of each cell that has had enough. */
  get stops(): Record<string, number> {
    return Object.fromEntries([...this.#rules].flatMap(([cell, { stop }]) => (stop === null ? [] : [[cell, stop]])));
  }
}
