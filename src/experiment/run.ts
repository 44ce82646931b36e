/**
 * The main job: an experiment file in, a results folder with a summary and a report out. Interrupted work goes on where it
 * stopped when the same folder is given again.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyzeExperiment, analyzeRun } from '../report/index.ts';
import { type LoadedExperiment, loadExperiment } from '../spec/index.ts';
import { RoamlabError } from '../types/errors.ts';
import type { ExperimentRecord, RunFacts, Summary } from '../types/run.ts';
import { type Backend, type ClockChoice, chooseBackend, hostProvenance } from './backend.ts';
import type { ExecutionEvents } from './events.ts';
import { newId, type PlannedRun, plannedRuns, ResultsFolder } from './folder.ts';
import { runInGuest } from './in-guest.ts';
import { runInSnapshots, type SnapshotSettings } from './in-snapshots.ts';
import { runOnHost } from './on-host.ts';
import { RunQueue } from './queue.ts';

export type Progress =
  | { type: 'note'; line: string }
  | { type: 'backend'; backend: Backend }
  | { type: 'runs'; total: number; kept: number; folder: string }
  | { type: 'snapshot'; cell: string; state: 'making' | 'ready' }
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
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** Runs an experiment file. Throws RoamlabError: exit 2 for the input, 3 for this machine, 1 when guests cannot be kept alive. */
export async function runExperiment(file: string, options: RunOptions = {}): Promise<Summary> {
  const experiment = await loadExperiment(file);
  const say = options.onProgress ?? (() => {});
  const signal = options.signal ?? new AbortController().signal;
  const note = (line: string) => say({ type: 'note', line });
  const id = newId();
  const results = new ResultsFolder(options.out ?? join('results', experiment.name, id));
  results.prepare(); // before an image is built
  const wanted = {
    backend: options.backend ?? experiment.backend,
    clock: options.clock ?? experiment.clock,
    cpuRate: options.cpuRate ?? experiment.cpuRate,
    features: experiment.features,
  };
  const backend = await chooseBackend(wanted, note);
  signal.throwIfAborted();
  say({ type: 'backend', backend });
  const { todo, record, total } = await open(experiment, options, backend, results, id);
  say({ type: 'runs', total, kept: total - todo.length, folder: results.path });
  const events = reporter(results, record, total, total - todo.length, say);
  if (todo.length > 0) await execute(backend, new RunQueue(todo), results, signal, events, options);
  results.sweep();
  return analyzeExperiment(results.path);
}

function execute(
  backend: Backend,
  queue: RunQueue,
  results: ResultsFolder,
  signal: AbortSignal,
  events: ExecutionEvents,
  settings: SnapshotSettings,
): Promise<void> {
  if (backend.kind === 'netns') return runOnHost(queue, results, signal, events);
  if (backend.clock === 'real') return runInGuest(backend, queue, results, signal, events);
  return runInSnapshots(backend, queue, results, signal, events, settings);
}

async function open(experiment: LoadedExperiment, options: RunOptions, backend: Backend, results: ResultsFolder, id: string) {
  const runs = options.runs ?? experiment.runs;
  const seed = options.seed ?? experiment.seed;
  const provenance = await hostProvenance(backend);
  const planned = plannedRuns(experiment.cells, runs, seed);
  const existing = results.existing();
  const { name, cells } = experiment;
  if (existing !== null && backend.kind === 'vm') {
    // a guest's versions follow from its image; they were written by the first guest
    provenance.kernel = existing.provenance.kernel;
    provenance.strongswan = existing.provenance.strongswan;
    provenance.tools = existing.provenance.tools;
    if (existing.provenance.image !== provenance.image) {
      throw new RoamlabError('E_OUT_EXISTS', 2, `${results.path} holds results of another guest image`, { hint: 'give another --out' });
    }
  }
  results.sweep();
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
  return { record, total: planned.length, todo: planned.filter((run) => !results.finished(run)) };
}

function reporter(
  results: ResultsFolder,
  record: ExperimentRecord,
  total: number,
  kept: number,
  say: (p: Progress) => void,
): ExecutionEvents {
  let finished = kept;
  return {
    onHello: ({ kernel, strongswan, tools }) => {
      Object.assign(record.provenance, { kernel, strongswan, tools });
      writeFileSync(join(results.path, 'experiment.json'), `${JSON.stringify(record, null, 1)}\n`);
    },
    onSnapshot: (cell, state) => say({ type: 'snapshot', cell, state }),
    onStart: (run) => say({ type: 'start', run, finished, total }),
    onStep: (run, phase, title) => say({ type: 'step', run, finished, total, phase, title }),
    onDone: async (run) => {
      const facts = await analyzeRun(join(results.path, run.folder), record).catch(() => null);
      finished++;
      say({ type: 'done', run, finished, total, facts });
    },
  };
}
