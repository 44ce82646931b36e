/**
 * The thread that watches the host. It sleeps 1 ms at a time and notes how late it wakes, like cyclictest, but with the
 * ordinary scheduling policy, because that is what charon has: what keeps this thread from a CPU keeps charon from it, be it another
 * process, the kernel, firmware or a hypervisor that accounts for nothing. (perf_hooks' monitorEventLoopDelay would mix in whatever
 * its event loop does.) Every 20 ms it reads the kernel's counters: a window must not be much longer than what is measured in it.
 */
import { parentPort } from 'node:worker_threads';
import { nanosecondsSince, realtime } from '../libc.ts';
import { parseLoad, parsePressure, parseStat } from './proc.ts';
import type { WatchAnswer, WatchCommand } from './protocol.ts';
import { type Pressure, type Reading, Sampler } from './sampler.ts';
import { readProc, Threads } from './threads.ts';

/** ms. Longer would miss short delays, shorter would be one. */
const SLEEP = 1;
/** ms */
const WINDOW = 20;
/** Of one CPU. Reading costs about 7 us per thread of the run: with more than 50 threads windows grow. */
const READING_SHARE = 0.02;

/** Windows of this length for so many; then they grow with the time they look back on, so that a day leaves 270 000 and not 4 million. */
const SHORT_WINDOWS = 50_000;

const port = parentPort;
if (port === null) throw new Error('host/disturbance/worker.ts runs as a worker thread');
const answer = (message: WatchAnswer) => port.postMessage(message);

function read(threads: Threads, epoch: number, search = false): Reading {
  return { t: nanosecondsSince(epoch), cpu: parseStat(readProc('stat') ?? ''), threads: threads.read(search) };
}

function readPressure(): Pressure {
  const of = (what: string) => parsePressure(readProc(`pressure/${what}`) ?? '');
  return { cpu: of('cpu'), io: of('io'), memory: of('memory') };
}

/** CPU time of this thread, ms. Time on the clock would grow with the very load that is looked for. */
function spent(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e3;
}

let watched: { sampler: Sampler; pressure: { before: Pressure; after: Pressure }; load: number } | null = null;

/** Blocks this thread for the whole watch. */
function watchHost({ roots, stop }: Extract<WatchCommand, { do: 'watch' }>): void {
  const epoch = realtime().seconds;
  read(new Threads(roots), epoch); // the first takes ten times as long
  const threads = new Threads(roots);
  const before = readPressure();
  const sampler = new Sampler(read(threads, epoch), epoch, (tid) => readProc(`${tid}/comm`)?.trim() ?? '');
  answer({ did: 'watching' });
  const begun = performance.now();
  let cost = 0;
  for (let on = true; on; ) {
    const start = performance.now();
    const end = start + Math.max(WINDOW, cost / READING_SHARE, (start - begun) / SHORT_WINDOWS);
    let late = 0;
    for (let now = start; on && now < end; ) {
      on = Atomics.wait(stop, 0, 0, SLEEP) === 'timed-out';
      const woken = performance.now();
      if (on) late = Math.max(late, woken - now - SLEEP);
      now = woken;
    }
    const mark = spent();
    sampler.add(read(threads, epoch, !on), late / 1e3);
    cost = spent() - mark;
  }
  watched = { sampler, pressure: { before, after: readPressure() }, load: parseLoad(readProc('loadavg') ?? '') };
}

port.on('message', (command: WatchCommand) => {
  try {
    if (command.do === 'watch') {
      watched = null;
      watchHost(command);
    } else if (watched === null) answer({ did: 'failed', message: 'nothing was watched' });
    else answer({ did: 'watched', host: watched.sampler.result(command.clockAhead, watched.pressure, watched.load) });
  } catch (error) {
    answer({ did: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
});
