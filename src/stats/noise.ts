/**
 * Did this machine make the spread of a cell? With the real clock each run has a `host` gate; this decides when they are too many, or
 * too bad, for the cell's numbers to be the network's.
 */
import type { CellNoise, MetricSummary, RunFacts } from '../types/run.ts';
import { quartiles } from './quartiles.ts';

/** With more than a quarter of the runs disturbed at least one quartile may be theirs. */
const MOST_DISTURBED = 1 / 4;
/** A 95 % interval wider than a tenth of its median no longer tells apart what differs by a tenth. */
const WIDE = 0.1;
/** The spread is the machine's when the undisturbed runs alone have an interval at most this part as wide. */
const NARROWER = 0.5;

/** Numbers of the valid runs (without null runs) whose `host` gate failed. */
export function disturbedRuns(runs: readonly RunFacts[]): number[] {
  return runs.filter((run) => run.valid && gateOf(run)?.ok === false).map(({ run }) => run);
}

/** `runs` in the order of the metrics' values. Null when no run's host was watched, as with the virtual clock. */
export function noiseOf(runs: readonly RunFacts[], metrics: readonly MetricSummary[], seed: number): CellNoise | null {
  const watched = runs.filter((run) => run.valid && gateOf(run) !== undefined);
  if (watched.length === 0) return null;
  const disturbed = new Set(disturbedRuns(runs));
  const counted = `${disturbed.size} of ${watched.length} valid runs disturbed`;
  if (disturbed.size > MOST_DISTURBED * watched.length) return { verdict: 'too noisy', why: counted };
  for (const { metric, unit, values, quartiles: all } of metrics) {
    if (unit !== 's' || all === null || all.median <= 0) continue;
    const calm = quartiles(values.filter((value, i) => value !== null && !disturbed.has(runs[i]!.run)) as number[], seed);
    if (calm === null || width(all) <= WIDE * all.median || width(calm) > NARROWER * width(all)) continue;
    const [spread, without] = [width(all), width(calm)].map((seconds) => `${((100 * seconds) / all.median).toFixed(0)} %`);
    const why = `${counted}, and the 95 % interval of ${metric} is ${spread} of its median, without them ${without}`;
    return { verdict: 'too noisy', why };
  }
  return { verdict: 'ok', why: counted };
}

function gateOf(run: RunFacts) {
  return run.gates.find(({ name }) => name === 'host');
}

function width({ ci95: [from, to] }: { ci95: [number, number] }): number {
  return to - from;
}
