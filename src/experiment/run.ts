/**
 * The main job: an experiment file in, a results folder with a summary and a report out. Interrupted work goes on where it
 * stopped when the same folder is given again, or found.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyzeExperiment, analyzeRun } from '../report/index.ts';
import { type LoadedExperiment, loadExperiment } from '../spec/index.ts';
import type { ExperimentRecord, RunFacts, Summary } from '../types/run.ts';
import { type Backend, type ClockChoice, chooseBackend, hostProvenance, needsPatched } from './backend.ts';
import { claim, requireUnclaimed } from './claim.ts';
import type { ExecutionEvents } from './events.ts';
import { execute } from './execute.ts';
import { finishedRuns } from './finished.ts';
import { newId, type PlannedRun, plannedRuns, ResultsFolder } from './folder.ts';
import type { SnapshotSettings } from './in-snapshots.ts';
import { RunQueue } from './queue.ts';
import { requireUnfinished } from './resume.ts';
import { type FinishedRun, Stopping } from './stopping.ts';
import { runsToPlan } from './until.ts';

export type Progress =
  | { type: 'note'; line: string }
  | { type: 'backend'; backend: Backend }
  | {
      type: 'runs';
      total: number;
      kept: number;
      folder: string;
      planned: readonly PlannedRun[];
      /** of earlier invocations */
      earlier: readonly FinishedRun[];
      /** cells may need fewer runs than planned */
      untilCi: boolean;
    }
  | { type: 'snapshot'; cell: string; state: 'making' | 'ready' }
  /** the cell's intervals are narrow: it needs no run beyond this one */
  | { type: 'enough'; cell: string; run: number }
  | { type: 'start'; run: PlannedRun; finished: number; total: number }
  | { type: 'step'; run: PlannedRun; finished: number; total: number; phase: string; title: string }
  | { type: 'done'; run: PlannedRun; finished: number; total: number; facts: RunFacts | null };

export interface RunOptions extends SnapshotSettings {
  runs?: number;
  seed?: number;
  backend?: 'auto' | 'netns' | 'vm';
  clock?: ClockChoice;
  /** instructions per virtual second instead of the file's */
  cpuRate?: number;
  /** results folder; default results/<experiment>/<id>. An existing one of the same experiment is continued. */
  out?: string;
  /** goes on with the newest unfinished results of the same experiment and seed below results/<experiment> */
  resume?: boolean;
  /** a cell needs no more runs when half its medians' 95 % intervals are at most this fraction of the medians; `runs` is then the most */
  untilCi?: number;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** Runs an experiment file. Throws RoamlabError: exit 2 for the input, 3 for this machine, 1 when guests cannot be kept alive. */
export async function runExperiment(file: string, options: RunOptions = {}): Promise<Summary> {
  const experiment = await loadExperiment(file);
  const say = options.onProgress ?? (() => {});
  const signal = options.signal ?? new AbortController().signal;
  const note = (line: string) => say({ type: 'note', line });
  const seed = options.seed ?? experiment.seed;
  const { name, cells } = experiment;
  const { untilCi } = options;
  const unfinished = options.resume ? await requireUnfinished('results', { name, cells, seed, runs: options.runs, untilCi }) : null;
  const runs = runsToPlan(options.runs ?? unfinished?.runs, experiment.runs, untilCi);
  const id = newId();
  const results = new ResultsFolder(options.out ?? unfinished?.path ?? join('results', name, id));
  results.prepare(); // before an image is built
  const wanted = {
    backend: options.backend ?? experiment.backend,
    clock: options.clock ?? experiment.clock,
    cpuRate: options.cpuRate ?? experiment.cpuRate,
    features: experiment.features,
    patched: needsPatched(cells),
  };
  const backend = await chooseBackend(wanted, note);
  signal.throwIfAborted();
  say({ type: 'backend', backend });
  const planned = plannedRuns(cells, runs, seed);
  const { record, release } = await open(experiment, { id, runs, seed }, planned, backend, results);
  try {
    const earlier = await finishedRuns(results, planned, record);
    const stopping = new Stopping(planned, earlier, { seed, untilCi });
    for (const run of planned) if (stopping.tooMany(run)) results.discard(run);
    const there = new Set(earlier.map(({ run }) => run));
    const queue = new RunQueue(planned.filter((run) => !there.has(run) && !stopping.tooMany(run)));
    const total = planned.length;
    say({ type: 'runs', total, kept: earlier.length, folder: results.path, planned, earlier, untilCi: untilCi !== undefined });
    const events = reporter({ results, record, planned, stopping, queue, finished: earlier.length, total }, say);
    events.onStops();
    for (const [cell, run] of Object.entries(stopping.stops)) say({ type: 'enough', cell, run });
    if (queue.left.length > 0) await execute(backend, queue, results, signal, events, options);
    results.sweep();
    return await analyzeExperiment(results.path);
  } finally {
    release();
  }
}

/** Makes the folder this process's, and writes what is known before the first run. */
async function open(
  experiment: LoadedExperiment,
  { id, runs, seed }: { id: string; runs: number; seed: number },
  planned: readonly PlannedRun[],
  backend: Backend,
  results: ResultsFolder,
): Promise<{ record: ExperimentRecord; release: () => void }> {
  const provenance = await hostProvenance(backend);
  requireUnclaimed(results.path);
  const existing = results.existing();
  const { name, cells } = experiment;
  if (existing !== null && backend.kind === 'vm') {
    // a guest's versions follow from its image; they were written by the first guest
    provenance.kernel = existing.provenance.kernel;
    provenance.strongswan = existing.provenance.strongswan;
    provenance.tools = existing.provenance.tools;
  }
  if (existing !== null) results.requireSame(existing, cells, seed, provenance);
  const record: ExperimentRecord = {
    format: 1,
    name,
    id: existing?.id ?? id,
    started: existing?.started ?? new Date().toISOString(),
    seed,
    runs,
    cells,
    provenance,
  };
  results.begin(experiment, record, planned);
  const release = claim(results.path);
  results.sweep();
  return { record, release };
}

interface Sweep {
  results: ResultsFolder;
  record: ExperimentRecord;
  stopping: Stopping;
  planned: readonly PlannedRun[];
  queue: RunQueue;
  finished: number;
  total: number;
}

function reporter(sweep: Sweep, say: (p: Progress) => void): ExecutionEvents & { onStops: () => void } {
  const { results, record, stopping, queue, total } = sweep;
  let { finished } = sweep;
  const write = () => writeFileSync(join(results.path, 'experiment.json'), `${JSON.stringify(record, null, 1)}\n`);
  const onStops = () => {
    record.stopped = stopping.stops;
    write();
  };
  return {
    onStops,
    onHello: ({ kernel, strongswan, tools }) => {
      Object.assign(record.provenance, { kernel, strongswan, tools });
      write();
    },
    onSnapshot: (cell, state) => say({ type: 'snapshot', cell, state }),
    onStart: (run) => say({ type: 'start', run, finished, total }),
    onStep: (run, phase, title) => say({ type: 'step', run, finished, total, phase, title }),
    onDone: async (run) => {
      const facts = await analyzeRun(join(results.path, run.folder), record).catch(() => null);
      if (stopping.tooMany(run)) return results.discard(run);
      finished++;
      say({ type: 'done', run, finished, total, facts });
      if (!stopping.finished(run, facts)) return;
      queue.stop(run.cell.cell);
      onStops();
      const last = record.stopped?.[run.cell.cell] ?? run.run;
      for (const other of sweep.planned) if (stopping.tooMany(other)) results.discard(other);
      say({ type: 'enough', cell: run.cell.cell, run: last });
    },
  };
}
