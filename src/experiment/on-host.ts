/** Carrying out runs on this kernel, one after the other. */
import { join } from 'node:path';
import { capabilities } from '../host/capabilities.ts';
import { HostWatch, writeHostRecord } from '../host/disturbance/index.ts';
import { closeInstruments, openInstruments } from '../run/context.ts';
import { executeRun } from '../run/execute.ts';
import { warmUp } from '../run/warm-up.ts';
import { Arrival } from './arrival.ts';
import type { NetnsBackend } from './backend.ts';
import type { ExecutionEvents } from './events.ts';
import type { ResultsFolder } from './folder.ts';
import type { RunQueue } from './queue.ts';

export async function runOnHost(
  backend: NetnsBackend,
  queue: RunQueue,
  results: ResultsFolder,
  signal: AbortSignal,
  events: ExecutionEvents,
): Promise<void> {
  const common = { capabilities: await capabilities(backend.patched?.root), instruments: openInstruments(), signal };
  const watcher = new HostWatch();
  try {
    const cells = queue.left.map((run) => run.cell);
    await warmUp(cells, join(results.path, 'warm-up'), common);
    for (let run = queue.next(); run !== null; run = queue.next()) {
      const current = run;
      events.onStart(current);
      const arrival = new Arrival(results, current);
      const onStep = (step: { phase: string; title: string }) => events.onStep(current, step.phase, step.title);
      const watch = watcher.begin([process.pid]);
      await watch.begun;
      await executeRun({ ...current, folder: arrival.folder }, { ...common, onStep });
      writeHostRecord(arrival.folder, await watch.end(0));
      arrival.complete();
      await events.onDone(current);
    }
  } finally {
    await watcher.close();
    await closeInstruments(common.instruments);
  }
}
