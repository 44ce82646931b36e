/** What a live view of a running experiment knows, as a pure function of the progress events so far. Times are milliseconds. */
import type { PlannedRun, Progress } from '../../experiment/index.ts';
import { fiveNumbers } from '../../stats/index.ts';
import type { Quartiles, RunFacts } from '../../types/run.ts';

export interface EndedRun {
  run: number;
  valid: boolean;
  values: Readonly<Record<string, number>>;
}

export interface LiveCell {
  name: string;
  /** metrics asked for, as in the experiment: without flows */
  measure: readonly string[];
  /** event runs planned; no more than these, and null runs, are to do */
  runs: number;
  nullsLeft: number;
  nullsInvalid: number;
  /** event runs that have ended */
  ended: readonly EndedRun[];
  /** the run after which the cell needs no more; what guests finished beyond it does not count */
  enough: number | null;
  /** of valid event runs */
  quartiles: Readonly<Record<string, Omit<Quartiles, 'ci95'>>>;
  snapshot: 'none' | 'making' | 'ready';
  /** larger: something happened in it more recently; 0: nothing yet */
  touched: number;
}

export interface LiveRun {
  run: PlannedRun;
  phase: string;
  title: string;
}

export interface LiveState {
  now: number;
  started: number;
  cells: readonly LiveCell[];
  /** runs being carried out, in the order they began */
  active: readonly LiveRun[];
  /** the most of them at a time: as many guests work side by side */
  abreast: number;
  /** when runs ended, earlier invocations left out */
  finishes: readonly number[];
  /** cells may need fewer runs than planned */
  untilCi: boolean;
  events: number;
}

export function initialState(now: number): LiveState {
  return { now, started: now, cells: [], active: [], abreast: 1, finishes: [], untilCi: false, events: 0 };
}

/** The state after one more event; `now` on the clock `initialState` was given. */
export function reduce(before: LiveState, progress: Progress, now: number): LiveState {
  const state = { ...before, now, events: before.events + 1 };
  switch (progress.type) {
    case 'note':
    case 'backend':
      return state;
    case 'runs': {
      const planned = cellsOf(progress.planned);
      const cells = progress.earlier.reduce(
        (list, { run, facts }) => change(list, run.cell.cell, (cell) => ended(cell, run, facts)),
        planned,
      );
      return { ...state, cells, untilCi: progress.untilCi };
    }
    case 'snapshot':
      return touch(state, progress.cell, (cell) => ({ ...cell, snapshot: progress.state }));
    case 'enough': {
      const { cell: name, run: last } = progress;
      const active = state.active.filter(({ run }) => run.cell.cell !== name || run.nullEvent || run.run <= last);
      return touch({ ...state, active }, name, (cell) => counted({ ...cell, enough: last }, cell.ended));
    }
    case 'start': {
      const active = [...without(state, progress.run), { run: progress.run, phase: '', title: '' }];
      return touch({ ...state, active, abreast: Math.max(state.abreast, active.length) }, progress.run.cell.cell);
    }
    case 'step': {
      const { run, phase, title } = progress;
      const active = state.active.map((entry) => (entry.run === run ? { run, phase, title } : entry));
      return touch({ ...state, active }, run.cell.cell);
    }
    case 'done': {
      const { run, facts } = progress;
      const finishes = [...state.finishes, now];
      return touch({ ...state, active: without(state, run), finishes }, run.cell.cell, (cell) => ended(cell, run, facts));
    }
  }
}

/** Runs that nobody has begun, and those under way. */
export function runsToGo({ cells }: LiveState): number {
  return cells.reduce((sum, cell) => sum + cell.nullsLeft + (isComplete(cell) ? 0 : cell.runs - cell.ended.length), 0);
}

/** No more event runs of it are to do. */
export function isComplete({ enough, ended, runs }: LiveCell): boolean {
  return enough !== null || ended.length >= runs;
}

/** Runs that take part in no number, null runs included. */
export function invalidIn({ ended, nullsInvalid }: LiveCell): number {
  return nullsInvalid + ended.filter(({ valid }) => !valid).length;
}

function cellsOf(planned: readonly PlannedRun[]): LiveCell[] {
  const cells = new Map<string, LiveCell>();
  for (const { cell, nullEvent } of planned) {
    const known = cells.get(cell.cell) ?? emptyCell(cell.cell, cell.measure);
    cells.set(cell.cell, nullEvent ? { ...known, nullsLeft: known.nullsLeft + 1 } : { ...known, runs: known.runs + 1 });
  }
  return [...cells.values()];
}

function emptyCell(name: string, measure: readonly string[]): LiveCell {
  const counts = { runs: 0, nullsLeft: 0, nullsInvalid: 0, touched: 0 };
  return { name, measure, ...counts, ended: [], enough: null, quartiles: {}, snapshot: 'none' };
}

function ended(cell: LiveCell, { run, nullEvent }: PlannedRun, facts: RunFacts | null): LiveCell {
  const valid = facts?.valid === true;
  if (nullEvent) return { ...cell, nullsLeft: cell.nullsLeft - 1, nullsInvalid: cell.nullsInvalid + (valid ? 0 : 1) };
  const observed = Object.entries(valid ? facts.metrics : {}).filter(
    (entry): entry is [string, number] => entry[1] !== null && cell.measure.includes(entry[0].split('.')[0]!),
  );
  return counted(cell, [...cell.ended, { run, valid, values: Object.fromEntries(observed) }]);
}

/** The cell with these runs ended, and the quartiles they make. */
function counted(cell: LiveCell, all: readonly EndedRun[]): LiveCell {
  const runs = all.filter(({ run }) => cell.enough === null || run <= cell.enough);
  const metrics = [...new Set(runs.flatMap(({ values }) => Object.keys(values)))];
  const quartiles = metrics.map((metric) => {
    const values = runs.map((run) => run.values[metric]).filter((value) => value !== undefined);
    return [metric, fiveNumbers(values)!];
  });
  return { ...cell, ended: runs, quartiles: Object.fromEntries(quartiles) };
}

function without(state: LiveState, run: PlannedRun): LiveRun[] {
  return state.active.filter((entry) => entry.run !== run);
}

function change(cells: readonly LiveCell[], name: string, how: (cell: LiveCell) => LiveCell): LiveCell[] {
  return cells.map((cell) => (cell.name === name ? how(cell) : cell));
}

function touch(state: LiveState, name: string, how: (cell: LiveCell) => LiveCell = (cell) => cell): LiveState {
  return { ...state, cells: change(state.cells, name, (cell) => ({ ...how(cell), touched: state.events })) };
}
