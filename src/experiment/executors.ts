/** Carrying out the runs still to do, on this kernel or in guests. Both report each finished run the moment it is on disk. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { capabilities } from '../host/capabilities.ts';
import { closeInstruments, openInstruments } from '../run/context.ts';
import { executeRun, failedRecord } from '../run/execute.ts';
import { warmUp } from '../run/warm-up.ts';
import { RoamlabError } from '../types/errors.ts';
import { runGuest } from '../vm/guest-run.ts';
import type { GuestMessage } from '../vm/protocol.ts';
import type { Backend } from './backend.ts';
import type { PlannedRun, ResultsFolder } from './folder.ts';

type VmBackend = Extract<Backend, { kind: 'vm' }>;

export interface ExecutionEvents {
  onStart: (run: PlannedRun) => void;
  onStep: (run: PlannedRun, phase: string, title: string) => void;
  /** the run's folder is complete */
  onDone: (run: PlannedRun) => Promise<void>;
  /** kernel, strongSwan and tools, as the place of execution reports them; before the first run */
  onHello: (hello: { kernel: string; strongswan: string; tools: Record<string, string> }) => void;
}

export async function runOnHost(
  runs: readonly PlannedRun[],
  results: ResultsFolder,
  signal: AbortSignal,
  events: ExecutionEvents,
): Promise<void> {
  const able = await capabilities();
  const instruments = openInstruments();
  try {
    const cells = runs.map((run) => run.cell);
    await warmUp(cells, join(results.path, 'warm-up'), able, instruments, signal);
    for (const run of runs) {
      events.onStart(run);
      results.discard(run);
      const request = { ...run, folder: join(results.path, run.folder) };
      await executeRun(request, able, instruments, signal, (step) => events.onStep(run, step.phase, step.title));
      await events.onDone(run);
    }
  } finally {
    await closeInstruments(instruments);
  }
}

/** A path the guest names, kept inside `root`. Throws E_GUEST (exit 1) when it leads out. */
export function safePath(root: string, path: string): string {
  const clean = normalize(path);
  if (isAbsolute(clean) || clean.startsWith('..'))
    throw new RoamlabError('E_GUEST', 1, `the guest sent a file outside its results: ${path}`);
  return join(root, clean);
}

/**
 * With the virtual clock guests cannot disturb each other, so there is one per core, each with its share of the runs; with the
 * real clock there is one.
 */
export async function runInGuests(
  backend: VmBackend,
  runs: readonly PlannedRun[],
  results: ResultsFolder,
  signal: AbortSignal,
  events: ExecutionEvents,
): Promise<void> {
  const guests = backend.clock === 'virtual' ? Math.min(availableParallelism(), runs.length) : 1;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const shares = Array.from({ length: guests }, (_, g) => runs.filter((_run, i) => i % guests === g));
  const outcomes = await Promise.allSettled(
    shares.map((share) =>
      runShare(backend, share, results, either, events).catch((error: unknown) => {
        failed.abort(error);
        throw error;
      }),
    ),
  );
  signal.throwIfAborted();
  if (failed.signal.aborted) throw failed.signal.reason;
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/**
 * Runs in one boot. When a guest dies in the middle of a run, that run is recorded as failed with the console's tail and the rest
 * goes on in a new guest; a guest that dies before its first run ends the experiment.
 */
async function runShare(
  backend: VmBackend,
  runs: readonly PlannedRun[],
  results: ResultsFolder,
  signal: AbortSignal,
  events: ExecutionEvents,
): Promise<void> {
  for (let left = [...runs]; left.length > 0; ) {
    const share = new Share(left, results, events);
    try {
      const { image, acceleration, clock } = backend;
      const onMessage = (message: GuestMessage, body: Buffer) => share.receive(message, body);
      await runGuest({ runs: left }, { image, accelerator: acceleration.accelerator, clock, signal, onMessage });
      await share.analysed();
      return;
    } catch (error) {
      await share.analysed();
      const victim = share.current;
      if (signal.aborted || victim === null || !(error instanceof RoamlabError) || error.exit !== 1) throw error;
      results.discard(victim);
      failedRecord({ ...victim, folder: join(results.path, victim.folder) }, error.format());
      await events.onDone(victim);
      left = left.filter((run) => run !== victim && !share.done.has(run));
    }
  }
}

/** What one guest has reported so far. */
class Share {
  current: PlannedRun | null = null;
  readonly done = new Set<PlannedRun>();
  readonly #runs: readonly PlannedRun[];
  readonly #results: ResultsFolder;
  readonly #events: ExecutionEvents;
  readonly #analyses: Promise<void>[] = [];

  constructor(runs: readonly PlannedRun[], results: ResultsFolder, events: ExecutionEvents) {
    this.#runs = runs;
    this.#results = results;
    this.#events = events;
  }

  receive(message: GuestMessage, body: Buffer): void {
    if (message.type === 'hello') this.#events.onHello(message);
    else if (message.type === 'file') this.#store(message.path, message.mode, body);
    else if (message.type === 'start') {
      this.current = this.#runs[message.index] ?? null;
      if (this.current === null) return;
      this.#results.discard(this.current);
      this.#events.onStart(this.current);
    } else if (this.current !== null && message.type === 'step') this.#events.onStep(this.current, message.phase, message.title);
    else if (this.current !== null && message.type === 'run') {
      this.done.add(this.current);
      this.#analyses.push(this.#events.onDone(this.current));
      this.current = null;
    }
  }

  #store(path: string, mode: number, body: Buffer): void {
    const target = safePath(this.#results.path, path);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    writeFileSync(target, body, { mode });
  }

  async analysed(): Promise<void> {
    await Promise.all(this.#analyses);
  }
}
