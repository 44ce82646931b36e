/** Carrying out runs wherever the backend is. */
import type { Backend } from './backend.ts';
import type { ExecutionEvents } from './events.ts';
import type { ResultsFolder } from './folder.ts';
import { runInGuest } from './in-guest.ts';
import { runInSnapshots, type SnapshotSettings } from './in-snapshots.ts';
import { runOnHost } from './on-host.ts';
import type { RunQueue } from './queue.ts';

export function execute(
  backend: Backend,
  queue: RunQueue,
  results: ResultsFolder,
  signal: AbortSignal,
  events: ExecutionEvents,
  settings: SnapshotSettings = {},
): Promise<void> {
  if (backend.kind === 'netns') return runOnHost(backend, queue, results, signal, events);
  if (backend.clock === 'real') return runInGuest(backend, queue, results, signal, events);
  return runInSnapshots(backend, queue, results, signal, events, settings);
}
