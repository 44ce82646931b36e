/** Holding what `tc -j qdisc show` and `tc -j filter show` report against what was asked for. */

import { BANDS, HANDLES, MINIMUM_DELAY, netemPart } from '../plan/shaping.ts';
import type { ExpectedShape } from '../plan/step.ts';
import type { Shape } from '../types/experiment.ts';

/** The parts of tc's JSON that describe the qdiscs used: seconds, bytes per second, octets, packets, probabilities. */
export interface ReportedQdisc {
  kind: string;
  dev: string;
  parent?: string;
  options?: {
    limit?: number;
    delay?: { delay: number; jitter: number };
    'loss-random'?: { loss: number };
    /** netem's, tbf's */
    rate?: { rate: number } | number;
    burst?: number;
    bands?: number;
    priomap?: number[];
  };
}

/** One of a u32 filter's lines; numbers are hexadecimal. */
export interface ReportedFilter {
  kind?: string;
  options?: { flowid?: string; match?: { value: string; mask: string; off: number } };
}

/**
 * Largest difference that is rounding: a plan asks for whole microseconds, netem keeps rates in bytes/s and loss as a 32-bit
 * fraction, tc prints six digits, and tbf keeps its bucket as a time. A queue is as long as asked.
 */
const ROUNDING = { delay: 1e-6, jitter: 1e-6, loss: 1e-8, rate: 8, burst: 1 } as const;
type Quantity = keyof typeof ROUNDING | 'limit' | 'bands';

function near(what: Quantity, is: number, wanted: number): boolean {
  if (what === 'limit' || what === 'bands') return is === wanted;
  return Math.abs(is - wanted) <= Math.max(ROUNDING[what], Math.abs(wanted) * 1e-5);
}

type Compared = [what: Quantity, is: number, wanted: number];
const rateOf = (qdisc: ReportedQdisc): number => {
  const rate = qdisc.options?.rate ?? 0;
  return 8 * (typeof rate === 'number' ? rate : rate.rate);
};
const said = (dev: string, compared: readonly Compared[]): string[] =>
  compared.flatMap(([what, is, wanted]) => (near(what, is, wanted) ? [] : [`${dev}: ${what} is ${is}, not ${wanted}`]));

function netemDifferences(mine: readonly ReportedQdisc[], dev: string, shape: Shape): string[] {
  const qdisc = mine.find(({ kind }) => kind === 'netem');
  if (qdisc === undefined) return [`${dev}: no netem`];
  const got = qdisc.options ?? {};
  return said(dev, [
    ['limit', got.limit ?? 0, shape.limit],
    ['delay', got.delay?.delay ?? 0, shape.delay],
    ['jitter', got.delay?.jitter ?? 0, shape.jitter],
    ['loss', got['loss-random']?.loss ?? 0, shape.loss],
    ['rate', rateOf(qdisc), shape.rate],
  ]);
}

/** tbf below netem, prio below tbf, a queue of packets in each band. */
function bandDifferences(mine: readonly ReportedQdisc[], { dev, shape, burst = 0 }: ExpectedShape): string[] {
  const below = (kind: string, parent: string) => mine.find((q) => q.kind === kind && q.parent === parent);
  const tbf = below('tbf', `${HANDLES.netem}:1`);
  const prio = below('prio', `${HANDLES.tbf}:1`);
  if (tbf === undefined || prio === undefined) return [`${dev}: no ${tbf === undefined ? 'tbf' : 'prio'}`];
  const { bands = 0, priomap = [] } = prio.options ?? {};
  const queues = Array.from({ length: BANDS }, (_, i) => below('pfifo', `${HANDLES.prio}:${i + 1}`)?.options?.limit ?? 0);
  return [
    ...said(dev, [
      ['rate', rateOf(tbf), shape.rate],
      ['burst', tbf.options?.burst ?? 0, burst],
      ['bands', bands, BANDS],
      ...queues.map((limit): Compared => ['limit', limit, shape.limit]),
    ]),
    ...(priomap.every((band) => band === BANDS - 1) ? [] : [`${dev}: prio looks at more than the filter`]),
  ];
}

/** Whether one of the lines is the filter that sends packets with the TOS of minimum delay to the first band. */
export function preferring(filters: readonly ReportedFilter[]): boolean {
  const { tos, mask } = MINIMUM_DELAY;
  const word = (octet: number) => (octet << 16).toString(16); // the second octet of the IPv4 header
  return filters.some(
    ({ kind, options }) =>
      kind === 'u32' &&
      options?.flowid === `${HANDLES.prio}:1` &&
      options.match?.off === 0 &&
      options.match.value === word(tos) &&
      options.match.mask === word(mask),
  );
}

/** One line per value that differs; empty when everything is as asked. */
export function shapeDifferences(reported: readonly ReportedQdisc[], expected: readonly ExpectedShape[]): string[] {
  return expected.flatMap((asked) => {
    const mine = reported.filter(({ dev }) => dev === asked.dev);
    const netem = netemDifferences(mine, asked.dev, netemPart(asked.shape));
    return asked.shape.priority === true ? [...netem, ...bandDifferences(mine, asked)] : netem;
  });
}
