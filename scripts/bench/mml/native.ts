/**
 * The helper's throughput on this machine: one TCP connection between two namespaces, against the bare veth pair and against others that
 * protect packets in user space, all in the same run and in turns.
 */
import type { BenchResult } from '../pcap.ts';
import { plain } from './contender.ts';
import { helper } from './helper.ts';
import { libipsec } from './libipsec.ts';
import { compete, median, ratioOf } from './rounds.ts';
import { wireguardGo } from './wireguard-go.ts';

const ROUNDS = 5;
const SECONDS = 4;
const one = { packet: helper({ zones: 1, speed: 'faithful' }), fast: helper({ zones: 1, speed: 'fast' }) };
const two = { packet: helper({ zones: 2, speed: 'faithful' }), fast: helper({ zones: 2, speed: 'fast' }) };

/** The peers of each of ours, and the ratio asked for (null: shown for information). */
const pairs = [
  [one.packet, libipsec, 1],
  [one.packet, wireguardGo, 1],
  [one.fast, libipsec, 1],
  [one.fast, wireguardGo, 1],
  [two.packet, one.packet, 0.75],
  [two.fast, one.fast, 0.75],
  [one.fast, one.packet, null],
  [one.packet, plain, null],
  [one.fast, plain, null],
] as const;

/** Mb/s asked of ours on two processors. */
const absolute = [
  [one.packet, 1000],
  [one.fast, 4000],
] as const;

/** Needs root and iperf3. */
export async function benchMml(say: (line: string) => void): Promise<BenchResult[]> {
  const all = [plain, one.packet, two.packet, one.fast, two.fast, libipsec, wireguardGo];
  const rates = await compete(all, { rounds: ROUNDS, seconds: SECONDS }, say);
  const results: BenchResult[] = [];
  for (const [ours, peer, goal] of pairs) {
    const [a, b] = [rates.get(ours.name), rates.get(peer.name)];
    if (a === undefined || b === undefined) continue;
    const name = `${ours.name} / ${peer.name}`;
    results.push({ name, ours: median(a), peer: median(b), ratio: ratioOf(a, b), unit: 'Mb/s', goal });
  }
  for (const [ours, least] of absolute) {
    const rate = median(rates.get(ours.name) ?? []);
    if (Number.isNaN(rate)) continue;
    results.push({ name: `${ours.name} / ${least} Mb/s`, ours: rate, peer: least, ratio: rate / least, unit: 'Mb/s', goal: 1 });
  }
  return results;
}
