/** Carrying out one run of an experiment again, into a folder of its own, to be held against what is stored. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { analyzeRun, cellFolder, loadExperiment, loadRunRecord, runName } from '../report/index.ts';
import { featuresOf, loadExperiment as readExperimentFile } from '../spec/index.ts';
import { RoamlabError } from '../types/errors.ts';
import type { ExperimentRecord } from '../types/run.ts';
import { type Backend, chooseBackend, hostProvenance, needsPatched } from './backend.ts';
import type { ExecutionEvents } from './events.ts';
import { execute } from './execute.ts';
import { type PlannedRun, ResultsFolder } from './folder.ts';
import { RunQueue } from './queue.ts';

export interface ReplayOptions {
  /** results folder for the run; default: a new one in the system's folder for temporary files */
  out?: string;
  signal?: AbortSignal;
  onNote?: (line: string) => void;
  onStep?: (phase: string, title: string) => void;
}

export interface Replayed {
  /** folder of the run that was carried out now */
  folder: string;
  /** null: everything that decides about the octets is as it was, so they must be equal; else what is not */
  differs: string | null;
  /** removes what was made */
  remove: () => void;
}

/**
 * Executes the run stored in `runFolder` once more. Throws E_FOLDER_* (what is stored cannot be read), E_BACKEND and E_TOOLS_MISSING
 * (this machine cannot), E_OUT_EXISTS.
 */
export async function replayRun(runFolder: string, options: ReplayOptions = {}): Promise<Replayed> {
  const from = new ResultsFolder(resolve(runFolder, '../../..'));
  const record = await loadExperiment(from.path);
  const planned = await plannedAgain(runFolder, record);
  const { provenance } = record;
  const wanted = {
    ...{ backend: provenance.backend, clock: provenance.clock },
    ...{ cpuRate: provenance.cpuRate ?? 1e9, features: featuresOf([planned.cell]) },
    patched: needsPatched(record.cells),
  };
  const backend = await chooseBackend(wanted, options.onNote ?? (() => {}));
  const differs = await difference(record, backend);
  const results = new ResultsFolder(options.out ?? mkdtempSync(join(tmpdir(), 'roamlab-replay-')));
  if (results.existing() !== null) {
    throw new RoamlabError('E_OUT_EXISTS', 2, 'there are results here already', { where: results.path, hint: 'give another --out' });
  }
  const remove = () => rmSync(results.path, { recursive: true, force: true });
  try {
    const { stopped: _, ...kept } = record;
    const now: ExperimentRecord = { ...kept, runs: 1, provenance: await hostProvenance(backend) };
    results.note(now);
    const onHello: ExecutionEvents['onHello'] = ({ kernel, strongswan, tools }) => {
      Object.assign(now.provenance, { kernel, strongswan, tools });
      results.note(now);
    };
    const signal = options.signal ?? new AbortController().signal;
    await execute(backend, new RunQueue([planned]), results, signal, { ...quiet(options), onHello });
    const folder = join(results.path, planned.folder);
    await analyzeRun(folder, record);
    results.sweep();
    return { folder, differs, remove };
  } catch (error) {
    if (options.out === undefined) remove();
    throw error;
  }
}

async function plannedAgain(runFolder: string, record: ExperimentRecord): Promise<PlannedRun> {
  const { cell: name, run, nullEvent, seed } = await loadRunRecord(runFolder);
  // what is carried out comes from the file a user wrote, checked as always: a folder from elsewhere decides nothing here
  const file = join(resolve(runFolder, '../../..'), 'experiment.yaml');
  const cell = (await readExperimentFile(file)).cells.find((candidate) => candidate.cell === name);
  const folder = `cells/${cellFolder({ cell: name })}/${runName(run, nullEvent)}`;
  const path = resolve(runFolder);
  if (cell === undefined || `cells/${basename(dirname(path))}/${basename(path)}` !== folder) {
    throw new RoamlabError('E_FOLDER_CELL', 2, `this record is of ${folder}, not of a run of this experiment`, {
      where: join(runFolder, 'run.json'),
    });
  }
  const stored = record.cells.find((candidate) => candidate.cell === name);
  if (JSON.stringify(sorted(stored)) !== JSON.stringify(sorted(cell))) {
    throw new RoamlabError('E_REPLAY', 2, 'this roamlab makes another experiment of the file than the one that was run', {
      where: file,
      hint: `use the version that ran it (${record.provenance.roamlab}), or check that the file is as it was`,
    });
  }
  return { cell, run, nullEvent, seed, folder };
}

/** The same value with every object's keys in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

async function difference({ provenance }: ExperimentRecord, backend: Backend): Promise<string | null> {
  if (backend.clock === 'real') return 'the clock is real: no two runs are the same';
  const now = await hostProvenance(backend);
  if (now.guest === provenance.guest) return null;
  if (now.image !== provenance.image) return 'the guest image is another one';
  if (now.patched !== provenance.patched)
    return `strongSwan is another one (${provenance.patched ?? 'stock'}, now ${now.patched ?? 'stock'})`;
  if (now.qemu !== provenance.qemu) return `QEMU is another one (${provenance.qemu ?? 'unknown'}, now ${now.qemu})`;
  return `roamlab is another one (${provenance.roamlab}, now ${now.roamlab})`;
}

function quiet(options: ReplayOptions): Omit<ExecutionEvents, 'onHello'> {
  return {
    onSnapshot: (_cell, state) => state === 'making' && options.onNote?.('bringing up the lab'),
    onStart: () => {},
    onStep: (_run, phase, title) => options.onStep?.(phase, title),
    onDone: async () => {},
  };
}
