/**
 * The thread that watches the host. It sleeps 1 ms at a time and notes how late it wakes, like cyclictest, but with the
 * ordinary scheduling policy, because that is what charon has: what keeps this thread from a CPU keeps charon from it, be it another
 * process, the kernel, firmware or a hypervisor that accounts for nothing. (perf_hooks' monitorEventLoopDelay would mix in whatever
 * its event loop does.) Every 100 ms it reads the kernel's counters.
 */
import { parentPort } from 'node:worker_threads';
import { realtime } from '../libc.ts';
import type { WatchAnswer, WatchCommand } from './protocol.ts';
import { read, Sampler } from './sampler.ts';

/** ms. Longer would miss short delays, shorter would be one. */
const SLEEP = 1;
/** ms */
const WINDOW = 100;
/** Of one CPU. Reading costs about 12 us per thread of the run: with thousands of threads windows grow. */
const READING_SHARE = 0.02;

const port = parentPort;
if (port === null) throw new Error('host/disturbance/worker.ts runs as a worker thread');
const answer = (message: WatchAnswer) => port.postMessage(message);

let sampler: Sampler | null = null;

/** CPU time of this thread, ms. Time on the clock would grow with the very load that is looked for. */
function spent(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e3;
}

/** Blocks this thread for the whole watch. */
function watchHost({ roots, stop }: Extract<WatchCommand, { do: 'watch' }>): void {
  const epoch = realtime().seconds;
  const current = new Sampler(read(roots, epoch), epoch);
  sampler = current;
  let cost = 0;
  answer({ did: 'watching' });
  for (let on = true; on; ) {
    const start = performance.now();
    const end = start + Math.max(WINDOW, cost / READING_SHARE);
    let late = 0;
    for (let now = start; on && now < end; ) {
      on = Atomics.wait(stop, 0, 0, SLEEP) === 'timed-out';
      const woken = performance.now();
      if (on) late = Math.max(late, woken - now - SLEEP);
      now = woken;
    }
    const before = spent();
    current.add(read(roots, epoch), late / 1e3);
    cost = spent() - before;
  }
}

port.on('message', (command: WatchCommand) => {
  try {
    if (command.do === 'watch') watchHost(command);
    else if (sampler !== null) answer({ did: 'watched', host: sampler.result(command.clockAhead) });
    else answer({ did: 'failed', message: 'nothing was watched' });
  } catch (error) {
    answer({ did: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
});
