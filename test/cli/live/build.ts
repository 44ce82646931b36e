/** An experiment under way, told event by event: the clock is the test's. */
import { initialState, type LiveState, reduce } from '../../../src/cli/live/state.ts';
import { type PlannedRun, type Progress, plannedRuns } from '../../../src/experiment/index.ts';
import type { CellExperiment, MetricName } from '../../../src/types/experiment.ts';
import type { RunFacts } from '../../../src/types/run.ts';
import { cell } from '../../metrics/build.ts';

export const named = (name: string, measure?: MetricName[]): CellExperiment => cell({ cell: name, ...(measure && { measure }) });

/** A valid run that measured these, in ms. */
export function measured(metrics: Record<string, number | null>): RunFacts {
  const seconds = Object.entries(metrics).map(([name, value]) => [name, value === null ? null : value / 1e3]);
  return { valid: true, gates: [], notes: [], metrics: Object.fromEntries(seconds) } as unknown as RunFacts;
}

export const INVALID = { ...measured({ T_SYS: 9999 }), valid: false } as RunFacts;

export class Story {
  state: LiveState = initialState(0);
  now = 0;
  readonly planned: PlannedRun[];

  constructor(cells: CellExperiment[], runs: number, more: Partial<Extract<Progress, { type: 'runs' }>> = {}) {
    this.planned = plannedRuns(cells, runs, 1);
    const { planned } = this;
    this.tell({ type: 'runs', total: planned.length, kept: 0, folder: '/results', planned, earlier: [], untilCi: false, ...more });
  }

  tell(progress: Progress): this {
    this.state = reduce(this.state, progress, this.now);
    return this;
  }

  after(ms: number): this {
    this.now += ms;
    this.state = { ...this.state, now: this.now };
    return this;
  }

  find(name: string, number: number, nullEvent = false): PlannedRun {
    return this.planned.find(({ cell: { cell: of }, run, nullEvent: isNull }) => of === name && run === number && isNull === nullEvent)!;
  }

  start(run: PlannedRun): this {
    return this.tell({ type: 'start', run, finished: 0, total: this.planned.length });
  }

  step(run: PlannedRun, phase: string, title = ''): this {
    return this.tell({ type: 'step', run, phase, title, finished: 0, total: this.planned.length });
  }

  done(run: PlannedRun, facts: RunFacts | null = measured({})): this {
    return this.tell({ type: 'done', run, facts, finished: 0, total: this.planned.length });
  }
}
