/** The results folder of an experiment: what is written before the first run, and what is still to do in it. */
import { accessSync, constants, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { deriveSeed } from '../host/random.ts';
import { planText } from '../plan/print.ts';
import { cellFolder, runName } from '../report/index.ts';
import type { RunRequest } from '../run/context.ts';
import type { LoadedExperiment } from '../spec/index.ts';
import { RoamlabError } from '../types/errors.ts';
import type { CellExperiment } from '../types/experiment.ts';
import type { ExperimentRecord, Provenance } from '../types/run.ts';
import { shipScript } from './wireshark.ts';

/** A run that is asked for; `folder` is relative to the results folder. */
export type PlannedRun = RunRequest;

/**
 * All runs, cells interleaved so that slow drift of the host spreads over all of them; each cell's null run comes first.
 * The seed of a run depends on the experiment's seed, the cell's name and the run's number only: run K alone equals run K of a batch.
 */
export function plannedRuns(cells: readonly CellExperiment[], runs: number, seed: number): PlannedRun[] {
  const planned: PlannedRun[] = [];
  for (let run = 0; run <= runs; run++) {
    for (const cell of cells) {
      const nullEvent = run === 0;
      if (nullEvent && cell.timeline.length === 0) continue;
      const number = nullEvent ? 1 : run;
      const name = runName(number, nullEvent);
      const folder = `cells/${cellFolder(cell)}/${name}`;
      planned.push({ cell, run: number, nullEvent, seed: deriveSeed(seed, cell.cell, name), folder });
    }
  }
  return planned;
}

/** Below the results folder: runs that are not complete. */
const PARTIAL = 'partial';

export function newId(now = new Date()): string {
  return now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
}

export class ResultsFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /**
   * Makes sure, without writing, that results can go here, so that nobody waits for an image to learn that they cannot.
   * Throws E_OUT (exit 2) naming what is in the way.
   */
  prepare(): void {
    const base = nearest(this.path);
    try {
      if (!statSync(base).isDirectory()) throw unusable(base, 'this is not a folder');
      accessSync(base, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (cause) {
      if (cause instanceof RoamlabError) throw cause;
      throw unusable(base, `results cannot be written here (${codeOf(cause)})`, cause);
    }
  }

  /** The record of an earlier, perhaps interrupted, invocation; null when the folder is new. */
  existing(): ExperimentRecord | null {
    const file = join(this.path, 'experiment.json');
    if (!existsSync(file)) return null;
    const foreign = (cause?: unknown) => new RoamlabError('E_FOLDER_READ', 2, 'not a results folder of roamlab', { where: file, cause });
    let record: ExperimentRecord | null;
    try {
      record = JSON.parse(readFileSync(file, 'utf8'));
    } catch (cause) {
      throw foreign(cause);
    }
    if (!Array.isArray(record?.cells) || typeof record.provenance !== 'object' || record.provenance === null) throw foreign();
    return record;
  }

  /** Makes the folder and writes its record. Throws E_OUT (exit 2) when the system refuses. */
  note(record: ExperimentRecord): void {
    try {
      makeFolder(this.path);
      writeFileSync(join(this.path, 'experiment.json'), `${JSON.stringify(record, null, 1)}\n`);
    } catch (cause) {
      throw unusable((cause as NodeJS.ErrnoException).path ?? this.path, `results cannot be written here (${codeOf(cause)})`, cause);
    }
  }

  /** Writes what is known before the first run. Throws E_OUT (exit 2) when the system refuses. */
  begin(experiment: LoadedExperiment, record: ExperimentRecord, planned: readonly PlannedRun[]): void {
    const firsts = planned.filter((p, i) => !p.nullEvent && planned.findIndex((q) => !q.nullEvent && q.cell === p.cell) === i);
    const plan = firsts.map((p) => planText(p.cell, p.seed)).join('\n');
    this.note(record);
    try {
      writeFileSync(join(this.path, 'experiment.yaml'), experiment.source);
      writeFileSync(join(this.path, 'plan.txt'), plan);
      shipScript(this.path, record.cells);
    } catch (cause) {
      throw unusable((cause as NodeJS.ErrnoException).path ?? this.path, `results cannot be written here (${codeOf(cause)})`, cause);
    }
  }

  /**
   * Checks that a folder holds the same experiment, so that its finished runs may be kept.
   * Throws E_OUT_EXISTS (exit 2) when it does not.
   */
  requireSame(existing: ExperimentRecord, cells: CellExperiment[], seed: number, provenance: Provenance): void {
    const differs = (what: string) => {
      throw new RoamlabError('E_OUT_EXISTS', 2, `${this.path} holds results of another experiment (${what} differs)`, {
        hint: 'give another --out, or none for a fresh folder',
      });
    };
    if (JSON.stringify(existing.cells) !== JSON.stringify(cells)) differs('the resolved experiment');
    if (existing.seed !== seed) differs('the seed');
    if (existing.provenance.backend !== provenance.backend) differs('the backend');
    if (existing.provenance.clock !== provenance.clock) differs('the clock');
    if (existing.provenance.kernel !== provenance.kernel) differs('the kernel');
    if (existing.provenance.strongswan !== provenance.strongswan) differs('strongSwan');
    if (existing.provenance.patched !== provenance.patched) differs('the patched strongSwan');
    if (existing.provenance.image !== provenance.image) differs('the guest image');
    if (existing.provenance.cpuRate !== provenance.cpuRate) differs('the virtual CPU');
    if (existing.provenance.guest !== provenance.guest) differs('the guest: its image, QEMU, or roamlab itself');
  }

  finished(run: PlannedRun): boolean {
    return existsSync(join(this.path, run.folder, 'run.json'));
  }

  /** Where a run is put together before it appears under its name. */
  aside(run: PlannedRun): string {
    return join(this.path, PARTIAL, run.folder);
  }

  /** Removes what interrupted runs left. */
  sweep(): void {
    rmSync(join(this.path, PARTIAL), { recursive: true, force: true });
  }

  discard(run: PlannedRun): void {
    rmSync(join(this.path, run.folder), { recursive: true, force: true });
  }
}

/** The path itself when something is there, else the nearest folder above that is. */
function nearest(path: string): string {
  try {
    lstatSync(path);
    return path;
  } catch (error) {
    const above = dirname(path);
    // below a file the answer is ENOTDIR, and the file is what is in the way
    return above !== path && ['ENOENT', 'ENOTDIR'].includes(codeOf(error)) ? nearest(above) : path;
  }
}

/** mkdir -p. Node's own never ends below /proc, where making a folder answers ENOENT although its parent is there. */
function makeFolder(path: string): void {
  if (nearest(path) === path) {
    if (!statSync(path).isDirectory()) mkdirSync(path); // for its EEXIST
    return;
  }
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error; // made by another run meanwhile
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

function unusable(where: string, what: string, cause?: unknown): RoamlabError {
  return new RoamlabError('E_OUT', 2, what, { where, hint: 'give another --out', cause });
}
