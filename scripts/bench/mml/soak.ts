/**
 * Full speed for as long as asked for, in both directions in turns, with what the helpers hold sampled: resident memory and descriptors must
 * not grow once caches are warm, and nothing may fail.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Carrier } from './contender.ts';
import { helper } from './helper.ts';
import { Pair } from './pair.ts';

/** s of one transfer */
const PIECE = 10;
/** part of the time after which memory counts as warm */
const WARM = 0.3;
/** MiB a process may have more in the end than when it was warm: what the collector has not yet got round to */
const SLACK = 24;

interface Sample {
  /** s since the beginning */
  at: number;
  /** Mb/s of each helper pair */
  rates: number[];
  /** MiB, of each process */
  rss: number[];
  fds: number[];
}

const rssOf = (pid: number): number => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const fdsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** What grew, in words; empty: nothing. */
export function growth(samples: readonly Sample[], duration: number): string[] {
  const warm = samples.find(({ at }) => at >= duration * WARM) ?? samples[0];
  const last = samples.at(-1);
  if (warm === undefined || last === undefined) return ['there are no samples'];
  return last.rss.flatMap((rss, i) => [
    ...(rss > warm.rss[i]! + SLACK ? [`helper ${i + 1}: ${warm.rss[i]!.toFixed(0)} MiB grew to ${rss.toFixed(0)}`] : []),
    ...(last.fds[i]! > warm.fds[i]! ? [`helper ${i + 1}: ${warm.fds[i]} descriptors became ${last.fds[i]}`] : []),
  ]);
}

/** Throws when something grew, a transfer failed or a helper refused packets that it should not have. */
export async function soak(duration: number, say: (line: string) => void): Promise<void> {
  const open: { name: string; pair: Pair; carrier: Carrier }[] = [];
  try {
    for (const [at, speed] of (['fast', 'faithful'] as const).entries()) {
      const pair = new Pair(`soak${at}`);
      await pair.open();
      const contender = helper({ zones: 2, speed });
      open.push({ name: contender.name, pair, carrier: await contender.open(pair) });
    }
    const pids = open.flatMap(({ carrier }) => carrier.pids());
    const samples: Sample[] = [];
    const begun = performance.now();
    for (let at = 0; at < duration; at = (performance.now() - begun) / 1000) {
      const rates: number[] = [];
      for (const { pair, carrier } of open) rates.push(await pair.transfer(carrier.address, PIECE));
      const sample = { at: (performance.now() - begun) / 1000, rates, rss: pids.map(rssOf), fds: pids.map(fdsOf) };
      samples.push(sample);
      const text = (values: number[]) => values.map((value) => value.toFixed(0)).join(' ');
      say(`soak ${sample.at.toFixed(0)} s: ${text(rates)} Mb/s, ${text(sample.rss)} MiB, ${text(sample.fds)} descriptors`);
    }
    for (const { name, carrier } of open) say(`${name}: ${await carrier.report?.()}`);
    const grown = growth(samples, duration);
    if (grown.length > 0) throw new Error(`soak: ${grown.join('; ')}`);
    say('soak: nothing grew');
  } finally {
    for (const { pair, carrier } of open) {
      await carrier.close().catch((error: unknown) => say(String(error)));
      await pair.close();
    }
  }
}
