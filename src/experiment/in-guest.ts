/** Carrying out runs in one guest with the real clock: one boot, one run after the other. */
import { HostWatch, type Watch, writeHostRecord } from '../host/disturbance/index.ts';
import { realtime } from '../host/libc.ts';
import { runGuest } from '../vm/guest-run.ts';
import type { GuestMessage } from '../vm/protocol.ts';
import { Arrival } from './arrival.ts';
import type { VmBackend } from './backend.ts';
import type { ExecutionEvents } from './events.ts';
import type { PlannedRun, ResultsFolder } from './folder.ts';
import { recordLost } from './lost-run.ts';
import type { RunQueue } from './queue.ts';

/** When a guest dies in the middle of a run, that run is lost and the rest goes on in a new guest; one that dies before ends the experiment. */
export async function runInGuest(
  backend: VmBackend,
  queue: RunQueue,
  results: ResultsFolder,
  signal: AbortSignal,
  events: ExecutionEvents,
): Promise<void> {
  const watcher = new HostWatch();
  try {
    await guestAfterGuest(backend, queue, results, signal, { ...events, watcher });
  } finally {
    await watcher.close();
  }
}

type Surroundings = ExecutionEvents & { watcher: HostWatch };

async function guestAfterGuest(
  backend: VmBackend,
  queue: RunQueue,
  results: ResultsFolder,
  signal: AbortSignal,
  events: Surroundings,
): Promise<void> {
  const { image, acceleration } = backend;
  const patchedRoot = backend.patched?.root;
  while (queue.left.length > 0) {
    const runs = [...queue.left];
    const enough = new AbortController();
    const session = new Session(runs, queue, results, events, () => enough.abort());
    try {
      const onMessage = (message: GuestMessage, body: Buffer) => session.receive(message, body);
      const either = AbortSignal.any([signal, enough.signal]);
      const onProcess = (pid: number) => {
        session.process = pid;
      };
      await runGuest({ runs }, { image, patchedRoot, accelerator: acceleration.accelerator, signal: either, onMessage, onProcess });
    } catch (error) {
      const victim = session.current;
      if (enough.signal.aborted && !signal.aborted) continue; // every run that was left has been called off
      if (victim === null) throw error;
      recordLost(results, victim, error, signal);
      await events.onDone(victim);
    } finally {
      await session.analysed();
    }
  }
}

/** What one guest has reported so far. It carries out `runs` in order; those that the queue no longer holds are not wanted. */
class Session {
  current: PlannedRun | null = null;
  /** of QEMU */
  process = 0;
  #arrival: Arrival | null = null;
  #watch: Watch | null = null;
  /** ns by which the guest's clock is ahead of this machine's */
  #ahead = 0;
  readonly #runs: readonly PlannedRun[];
  readonly #queue: RunQueue;
  readonly #results: ResultsFolder;
  readonly #events: Surroundings;
  readonly #enough: () => void;
  readonly #analyses: Promise<void>[] = [];

  constructor(runs: readonly PlannedRun[], queue: RunQueue, results: ResultsFolder, events: Surroundings, enough: () => void) {
    this.#runs = runs;
    this.#queue = queue;
    this.#results = results;
    this.#events = events;
    this.#enough = enough;
  }

  receive(message: GuestMessage, body: Buffer): void {
    if (message.type === 'hello') this.#events.onHello(message);
    else if (message.type === 'start') this.#begin(message.index, message.at);
    else if (this.current === null || this.#arrival === null) return;
    else if (message.type === 'step') this.#events.onStep(this.current, message.phase, message.title);
    else if (message.type === 'file') this.#arrival.file(message.path, message.mode, body);
    else if (message.type === 'run') this.#complete(this.current, this.#arrival);
  }

  /** The next run may begin in this very moment, and ends this watch. */
  #complete(run: PlannedRun, arrival: Arrival): void {
    const ended = this.#watch?.end(this.#ahead) ?? Promise.reject(new Error('a run that was not watched'));
    this.current = null;
    this.#watch = null;
    const done = ended.then((host) => {
      writeHostRecord(arrival.folder, host);
      arrival.complete();
      return this.#events.onDone(run);
    });
    done.catch(() => {}); // `analysed` throws it
    this.#analyses.push(done);
  }

  #begin(index: number, at: number): void {
    const run = this.#runs[index];
    if (this.#queue.left.length === 0) this.#enough();
    if (run === undefined || !this.#queue.take(run)) return;
    this.current = run;
    this.#arrival = new Arrival(this.#results, run);
    const here = realtime();
    this.#ahead = at - (here.seconds * 1e9 + here.nanoseconds);
    this.#watch = this.#events.watcher.begin([this.process]);
    this.#events.onStart(run);
  }

  async analysed(): Promise<void> {
    await Promise.all(this.#analyses);
  }
}
