/** The results folder of an experiment: what is written before the first run, and what is still to do in it. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { contentHash } from '../host/cache.ts';
import { deriveSeed } from '../host/random.ts';
import { planText } from '../plan/print.ts';
import type { RunRequest } from '../run/context.ts';
import type { LoadedExperiment } from '../spec/index.ts';
import { RoamlabError } from '../types/errors.ts';
import type { CellExperiment } from '../types/experiment.ts';
import type { ExperimentRecord, Provenance } from '../types/run.ts';

/** A run that is asked for; `folder` is relative to the results folder. */
export type PlannedRun = RunRequest;

/** Folder name of a cell: its own name where that is safe in a path, else what is safe of it and a hash, so that no two cells share one. */
export function cellFolder(cell: CellExperiment): string {
  const safe = cell.cell.replace(/[^\w=,.-]/g, '_').slice(0, 100);
  return safe === cell.cell && /\w/.test(safe) ? safe : `${safe}-${contentHash(cell.cell).slice(0, 8)}`;
}

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
      const name = `${nullEvent ? 'null' : 'run'}-${String(number).padStart(3, '0')}`;
      const folder = `cells/${cellFolder(cell)}/${name}`;
      planned.push({ cell, run: number, nullEvent, seed: deriveSeed(seed, cell.cell, name), folder });
    }
  }
  return planned;
}

export function newId(now = new Date()): string {
  return now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
}

export class ResultsFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** The record of an earlier, perhaps interrupted, invocation; null when the folder is new. */
  existing(): ExperimentRecord | null {
    const file = join(this.path, 'experiment.json');
    if (!existsSync(file)) return null;
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as ExperimentRecord;
    } catch (cause) {
      throw new RoamlabError('E_FOLDER_READ', 2, 'not a results folder of roamlab', { where: file, cause });
    }
  }

  /** Writes what is known before the first run. */
  begin(experiment: LoadedExperiment, record: ExperimentRecord, planned: readonly PlannedRun[]): void {
    mkdirSync(this.path, { recursive: true });
    writeFileSync(join(this.path, 'experiment.yaml'), experiment.source);
    writeFileSync(join(this.path, 'experiment.json'), `${JSON.stringify(record, null, 1)}\n`);
    const firsts = planned.filter((p, i) => !p.nullEvent && planned.findIndex((q) => !q.nullEvent && q.cell === p.cell) === i);
    writeFileSync(join(this.path, 'plan.txt'), firsts.map((p) => planText(p.cell, p.seed)).join('\n'));
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
  }

  finished(run: PlannedRun): boolean {
    return existsSync(join(this.path, run.folder, 'run.json'));
  }

  /** Removes what an interrupted run left. */
  discard(run: PlannedRun): void {
    rmSync(join(this.path, run.folder), { recursive: true, force: true });
  }
}
