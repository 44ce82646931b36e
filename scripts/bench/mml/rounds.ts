/** Contenders in alternating rounds: each has nodes of its own that stay, so that what is measured last is as warm as what is first. */
import type { Carrier, Contender } from './contender.ts';
import { Pair } from './pair.ts';

/** Of the numbers among them. */
export function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The median of the rounds' ratios: rounds of a busy machine differ more than what is measured in one of them. */
export const ratioOf = (ours: readonly number[], peer: readonly number[]): number =>
  median(ours.map((rate, i) => rate / (peer[i] ?? Number.NaN)));

interface Open {
  name: string;
  pair: Pair;
  carrier: Carrier;
  rates: number[];
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function open(contender: Contender, at: number): Promise<Open> {
  const pair = new Pair(`mml${at}`);
  try {
    await pair.open();
    return { name: contender.name, pair, carrier: await contender.open(pair), rates: [] };
  } catch (error) {
    await pair.close();
    throw error;
  }
}

/** Mb/s of each by name and round, NaN where one failed; those that cannot run here are named with the reason and left out. */
export async function compete(
  contenders: readonly Contender[],
  { rounds, seconds }: { rounds: number; seconds: number },
  say: (line: string) => void,
): Promise<Map<string, number[]>> {
  const running: Open[] = [];
  try {
    for (const [at, contender] of contenders.entries()) {
      const missing = contender.missing();
      if (missing !== null) {
        say(`${contender.name}: not here (${missing})`);
        continue;
      }
      try {
        running.push(await open(contender, at));
      } catch (error) {
        say(`${contender.name}: could not run: ${reason(error)}`);
      }
    }
    for (let round = 1; round <= rounds; round++) {
      for (const one of running) {
        try {
          one.rates.push(await one.pair.transfer(one.carrier.address, seconds));
        } catch (error) {
          one.rates.push(Number.NaN);
          say(`${one.name}: round ${round} failed: ${reason(error)}`);
        }
      }
      say(`round ${round}/${rounds}: ${running.map(({ name, rates }) => `${name} ${rates.at(-1)?.toFixed(0)}`).join('; ')} Mb/s`);
    }
    return new Map(running.map(({ name, rates }) => [name, rates]));
  } finally {
    for (const { carrier, pair } of running) {
      await carrier.close().catch((error: unknown) => say(reason(error)));
      await pair.close();
    }
  }
}
