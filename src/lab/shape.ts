/** Holding what `tc -j qdisc show` reports against what was asked for. */
import type { Shape } from '../types/experiment.ts';

/** The part of tc's JSON that describes a netem qdisc: seconds, bytes per second, probabilities. */
export interface ReportedQdisc {
  kind: string;
  dev: string;
  options?: {
    limit?: number;
    delay?: { delay: number; jitter: number };
    'loss-random'?: { loss: number };
    rate?: { rate: number };
  };
}

/**
 * Largest difference that is rounding: a plan asks for whole microseconds, netem keeps rates in bytes/s and loss as a 32-bit
 * fraction, tc prints six digits. A queue is as long as asked.
 */
const ROUNDING = { delay: 1e-6, jitter: 1e-6, loss: 1e-8, rate: 8 } as const;
type Quantity = keyof typeof ROUNDING | 'limit';

function near(what: Quantity, is: number, wanted: number): boolean {
  if (what === 'limit') return is === wanted;
  return Math.abs(is - wanted) <= Math.max(ROUNDING[what], Math.abs(wanted) * 1e-5);
}

/** One line per value that differs; empty when everything is as asked. */
export function shapeDifferences(reported: readonly ReportedQdisc[], expected: readonly { dev: string; shape: Shape }[]): string[] {
  const differences: string[] = [];
  for (const { dev, shape } of expected) {
    const qdisc = reported.find((q) => q.dev === dev && q.kind === 'netem');
    if (qdisc === undefined) {
      differences.push(`${dev}: no netem`);
      continue;
    }
    const got = qdisc.options ?? {};
    const pairs: [Quantity, number, number][] = [
      ['limit', got.limit ?? 0, shape.limit],
      ['delay', got.delay?.delay ?? 0, shape.delay],
      ['jitter', got.delay?.jitter ?? 0, shape.jitter],
      ['loss', got['loss-random']?.loss ?? 0, shape.loss],
      ['rate', (got.rate?.rate ?? 0) * 8, shape.rate],
    ];
    for (const [what, is, wanted] of pairs) if (!near(what, is, wanted)) differences.push(`${dev}: ${what} is ${is}, not ${wanted}`);
  }
  return differences;
}
