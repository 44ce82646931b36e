/** How long the stages of a packet's way take: counts by duration, so that a median takes no list of all packets. */
import type { StageTime } from '../types/helper.ts';

/** steps per factor of two: a median is right to 1/64 */
const STEPS = 64;
const DOUBLINGS = 31;
const BUCKETS = STEPS * DOUBLINGS;

export interface StageSamples {
  packets: number;
  /** ns */
  total: number;
  max: number;
  buckets: Uint32Array;
}

export const noSamples = (): StageSamples => ({ packets: 0, total: 0, max: 0, buckets: new Uint32Array(BUCKETS) });

/** The bucket of a duration in ns: exponent, then the next six bits. Below 64 each has one of its own. */
function bucketOf(ns: number): number {
  const whole = Math.min(Math.max(0, Math.round(ns)), 0x7fff_ffff);
  if (whole < STEPS) return whole;
  const exponent = 31 - Math.clz32(whole);
  return (exponent - 5) * STEPS + ((whole >>> (exponent - 6)) & (STEPS - 1));
}

/** The middle of a bucket, ns. */
function middleOf(bucket: number): number {
  if (bucket < STEPS) return bucket;
  const exponent = Math.floor(bucket / STEPS) + 5;
  const width = 2 ** (exponent - 6);
  return 2 ** exponent + (bucket % STEPS) * width + (width - 1) / 2;
}

export function addSample(samples: StageSamples, ns: number): void {
  samples.packets += 1;
  samples.total += ns;
  if (ns > samples.max) samples.max = ns;
  samples.buckets[bucketOf(ns)]! += 1;
}

export function mergeSamples(into: StageSamples, from: StageSamples): void {
  into.packets += from.packets;
  into.total += from.total;
  into.max = Math.max(into.max, from.max);
  for (let i = 0; i < BUCKETS; i++) into.buckets[i]! += from.buckets[i]!;
}

/** In seconds. */
export function stageTime({ packets, total, max, buckets }: StageSamples): StageTime {
  let rest = (packets + 1) / 2;
  let bucket = 0;
  while (bucket < BUCKETS - 1 && rest > buckets[bucket]!) {
    rest -= buckets[bucket]!;
    bucket += 1;
  }
  return { packets, total: total / 1e9, median: Math.min(middleOf(bucket), max) / 1e9, max: max / 1e9 };
}

/** Times consecutive stages of one packet. The one that does nothing costs nothing but the calls. */
export interface StageClock {
  /** now is when the next stage begins */
  start(): void;
  /** ends a stage, and begins the next */
  stage(name: string): void;
  /** adds a duration measured elsewhere, ns */
  add(name: string, ns: number): void;
  samples(): Record<string, StageSamples>;
}

const NOTHING: StageClock = { start() {}, stage() {}, add() {}, samples: () => ({}) };

class Stages implements StageClock {
  readonly #samples = new Map<string, StageSamples>();
  #since = 0;

  start(): void {
    this.#since = performance.now();
  }

  stage(name: string): void {
    this.add(name, (performance.now() - this.#since) * 1e6);
    this.#since = performance.now();
  }

  add(name: string, ns: number): void {
    let samples = this.#samples.get(name);
    if (samples === undefined) {
      samples = noSamples();
      this.#samples.set(name, samples);
    }
    addSample(samples, ns);
  }

  samples(): Record<string, StageSamples> {
    return Object.fromEntries(this.#samples);
  }
}

export const stageClock = (profile: boolean): StageClock => (profile ? new Stages() : NOTHING);
