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

/** netem keeps delays in ns and rates in bytes, loss as a 32-bit fraction; tc prints some of them rounded. */
const near = (a: number, b: number): boolean => Math.abs(a - b) <= Math.max(2e-6, Math.abs(b) * 1e-3);

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
    const pairs: [string, number, number][] = [
      ['limit', got.limit ?? 0, shape.limit],
      ['delay', got.delay?.delay ?? 0, shape.delay],
      ['jitter', got.delay?.jitter ?? 0, shape.jitter],
      ['loss', got['loss-random']?.loss ?? 0, shape.loss],
      ['rate', (got.rate?.rate ?? 0) * 8, shape.rate],
    ];
    for (const [what, is, wanted] of pairs) if (!near(is, wanted)) differences.push(`${dev}: ${what} is ${is}, not ${wanted}`);
  }
  return differences;
}
