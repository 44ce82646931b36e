/**
 * What a run costs: from power-on to a guest that is ready, and then per run, with the virtual and the real clock, one guest and one per
 * core. The peer of a guest that goes on from a snapshot is the same guest booted; that of the virtual clock the real one.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunOptions, runExperiment } from '../../src/experiment/index.ts';
import { cacheFolder } from '../../src/host/cache.ts';
import type { BenchResult } from './pcap.ts';

const EXPERIMENT = join(import.meta.dirname, '../../topologies/hello.yaml');
const RUNS = 6;
/** Virtual seconds of one run of it: its flows; what comes before and after is less than one more. */
const FLOWS = 4;

interface Timed {
  /** s from the command to the first run's start */
  ready: number;
  /** s per run after that, null run included */
  run: number;
}

async function timed(options: RunOptions, out: string): Promise<Timed> {
  const begun = performance.now();
  let first = 0;
  let last = 0;
  await runExperiment(EXPERIMENT, {
    ...options,
    ...{ backend: 'vm', runs: RUNS, out },
    onProgress: ({ type }) => {
      if (type === 'start') first ||= performance.now();
      if (type === 'done') last = performance.now();
    },
  });
  return { ready: (first - begun) / 1000, run: (last - first) / 1000 / (RUNS + 1) };
}

/** A cache with the image, and nothing that was ever booted from it. */
function coldCache(folder: string): string {
  const cold = join(folder, 'cache');
  mkdirSync(cold);
  for (const name of readdirSync(cacheFolder())) {
    if (/^(image|runtime)-[0-9a-f]+$/.test(name)) symlinkSync(join(cacheFolder(), name), join(cold, name));
  }
  return cold;
}

/** Needs the guest image (`roamlab setup`). */
export async function benchGuest(say: (line: string) => void): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'roamlab-bench-'));
  const own = process.env.ROAMLAB_CACHE;
  try {
    process.env.ROAMLAB_CACHE = coldCache(folder);
    const tell = (what: string, { ready, run }: Timed) =>
      say(
        `${what}: ready after ${ready.toFixed(1)} s, ${run.toFixed(2)} s per run, ${(run / FLOWS).toFixed(2)} s per virtual second of flows`,
      );
    const boot = await timed({ clock: 'virtual', guests: 1 }, join(folder, 'boot'));
    tell('virtual clock, 1 guest, booted', boot);
    const one = await timed({ clock: 'virtual', guests: 1 }, join(folder, 'one'));
    tell('virtual clock, 1 guest, from its snapshot', one);
    const all = await timed({ clock: 'virtual' }, join(folder, 'all'));
    tell(`virtual clock, ${availableParallelism()} guests`, all);
    const real = await timed({ clock: 'real' }, join(folder, 'real'));
    tell('real clock, 1 guest', real);
    const rate = (seconds: number) => 60 / seconds;
    return [
      { name: 'guest ready: from snapshot / booted', ours: rate(one.ready), peer: rate(boot.ready), unit: 'per minute' },
      { name: 'guest runs: virtual clock / real clock, 1 guest each', ours: rate(one.run), peer: rate(real.run), unit: 'per minute' },
      { name: 'guest runs: one per core / 1 guest', ours: rate(all.run), peer: rate(one.run), unit: 'per minute' },
    ].map((result) => ({ ...result, ratio: result.ours / result.peer }));
  } finally {
    if (own === undefined) delete process.env.ROAMLAB_CACHE;
    else process.env.ROAMLAB_CACHE = own;
    rmSync(folder, { recursive: true, force: true });
  }
}
