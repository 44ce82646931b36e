/** The runs still to do: guests that work side by side each take the next one. */
import type { PlannedRun } from './folder.ts';

export class RunQueue {
  #left: PlannedRun[];

  constructor(runs: readonly PlannedRun[]) {
    this.#left = [...runs];
  }

  get left(): readonly PlannedRun[] {
    return this.#left;
  }

  next(): PlannedRun | null {
    return this.#left.shift() ?? null;
  }

  /** Finishes with so many cells, in the order they come, before it begins with others. */
  inBatches(cells: number): void {
    const order = [...new Set(this.#left.map(({ cell }) => cell.cell))];
    const batch = new Map(order.map((cell, i) => [cell, Math.floor(i / cells)]));
    const of = (run: PlannedRun): number => batch.get(run.cell.cell) ?? 0;
    this.#left.sort((a, b) => of(a) - of(b)); // stable
  }

  /** True when `run` was still to do; it no longer is. */
  take(run: PlannedRun): boolean {
    const before = this.#left.length;
    this.#left = this.#left.filter((other) => other !== run);
    return this.#left.length < before;
  }

  /** No more runs of this cell; returns how many were still to do. */
  stop(cell: string): number {
    const before = this.#left.length;
    this.#left = this.#left.filter((run) => run.cell.cell !== cell);
    return before - this.#left.length;
  }
}
