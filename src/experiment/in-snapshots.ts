/**
 * Carrying out runs with the virtual clock: each is a guest of its own that goes on from its cell's snapshot. Guests cannot disturb each
 * other, so there is one per core, and run K alone is run K of a batch.
 */
import { availableParallelism, freemem } from 'node:os';
import { hold } from '../host/hold.ts';
import { cellSnapshot, runFrom, type Snapshot, type VirtualOptions } from '../vm/snapshot.ts';
import { Arrival } from './arrival.ts';
import type { VirtualBackend } from './backend.ts';
import type { ExecutionEvents } from './events.ts';
import type { PlannedRun, ResultsFolder } from './folder.ts';
import { recordLost } from './lost-run.ts';
import type { RunQueue } from './queue.ts';

/** Cells a sweep works on at a time: each has a stored guest of up to 0.7 GB, and together they stay below what the cache keeps of those. */
const CELLS = 12;

/** Bytes one guest may come to need: its memory, QEMU's translations, and the results on their way. */
const GUEST_BYTES = 2.5e9;

export interface SnapshotSettings {
  /** guests side by side; default one per core, as far as memory goes */
  guests?: number | undefined;
  /** what guests run instead of roamlab's own controller, and when a silent one is given up; tests bring theirs */
  guest?: Pick<VirtualOptions, 'main' | 'silence'>;
}

export async function runInSnapshots(
  backend: VirtualBackend,
  queue: RunQueue,
  results: ResultsFolder,
  signal: AbortSignal,
  events: ExecutionEvents,
  settings: SnapshotSettings = {},
): Promise<void> {
  const room = Math.max(1, Math.floor(freemem() / GUEST_BYTES));
  const guests = Math.min(settings.guests ?? Math.min(availableParallelism(), room), queue.left.length);
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  queue.inBatches(CELLS);
  const worker = new Worker(backend, results, either, events, settings);
  await Promise.allSettled(
    Array.from({ length: guests }, () =>
      worker.work(queue).catch((error: unknown) => {
        failed.abort(error);
      }),
    ),
  );
  worker.release(() => true);
  await worker.analysed();
  signal.throwIfAborted();
  if (failed.signal.aborted) throw failed.signal.reason;
}

class Worker {
  readonly #results: ResultsFolder;
  readonly #events: ExecutionEvents;
  readonly #options: VirtualOptions;
  readonly #snapshots = new Map<string, Promise<Snapshot>>();
  /** lets go of a cell's stored guest */
  readonly #holds = new Map<string, () => void>();
  readonly #running: PlannedRun[] = [];
  readonly #analyses: Promise<void>[] = [];

  constructor(backend: VirtualBackend, results: ResultsFolder, signal: AbortSignal, events: ExecutionEvents, settings: SnapshotSettings) {
    this.#results = results;
    this.#events = events;
    this.#options = { image: backend.image, cpuRate: backend.cpuRate, patchedRoot: backend.patched?.root, signal, ...settings.guest };
  }

  async work(queue: RunQueue): Promise<void> {
    for (let run = queue.next(); run !== null; run = queue.next()) {
      this.#running.push(run);
      try {
        await this.#carryOut(run, await this.#snapshot(run));
      } catch (error) {
        recordLost(this.#results, run, error, this.#options.signal);
      }
      this.#analyses.push(this.#events.onDone(run));
      this.#running.splice(this.#running.indexOf(run), 1);
      const wanted = new Set([...this.#running, ...queue.left].map(({ cell }) => cell.cell));
      this.release((cell) => !wanted.has(cell));
    }
  }

  /** Stored guests of these cells are no longer needed here. */
  release(done: (cell: string) => boolean): void {
    for (const [cell, letGo] of this.#holds) {
      if (!done(cell)) continue;
      letGo();
      this.#holds.delete(cell);
    }
  }

  /** One attempt per cell: what fails once fails again, and each of the cell's runs says so. */
  #snapshot({ cell }: PlannedRun): Promise<Snapshot> {
    const known = this.#snapshots.get(cell.cell);
    if (known !== undefined) return known;
    this.#events.onSnapshot(cell.cell, 'making');
    const made = cellSnapshot(cell, this.#options).then((snapshot) => {
      this.#holds.set(cell.cell, hold(snapshot.folder));
      this.#events.onSnapshot(cell.cell, 'ready');
      this.#events.onHello(snapshot.hello);
      return snapshot;
    });
    this.#snapshots.set(cell.cell, made);
    return made;
  }

  async #carryOut(run: PlannedRun, snapshot: Snapshot): Promise<void> {
    this.#events.onStart(run);
    const arrival = new Arrival(this.#results, run);
    const { run: number, nullEvent, seed } = run;
    await runFrom(
      snapshot,
      { do: 'measure', moment: { run: number, nullEvent, seed } },
      {
        ...this.#options,
        onMessage: (message, body) => {
          if (message.type === 'step') this.#events.onStep(run, message.phase, message.title);
          else if (message.type === 'file') arrival.file(message.path, message.mode, body);
        },
      },
    );
    arrival.complete();
  }

  /** Throws what an analysis threw. */
  async analysed(): Promise<void> {
    await Promise.all(this.#analyses);
  }
}
