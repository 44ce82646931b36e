import { describe, expect, it } from 'vitest';
import { prng } from '../../src/host/random.ts';
import { groupsOf, summarise } from '../../src/stats/index.ts';
import type { MetricName } from '../../src/types/experiment.ts';
import type { Comparison, ExperimentRecord, RunFacts, Summary } from '../../src/types/run.ts';
import { cell } from '../metrics/build.ts';

type Observed = Record<string, (number | null)[]>;

/** Cells of one access network; what each run of each security observed. */
function summary(cells: Record<string, Observed>, access = ['lab'], seed = 3): Summary {
  const names = access.flatMap((net) =>
    Object.keys(cells).map((security) => ({ name: `access=${net},security=${security}`, net, security })),
  );
  const measure: MetricName[] = ['T_IKE', 'T_SCTP', 'T_SYS', 'T_STALLED', 'retransmitted', 'throughput', 'CPU'];
  const record = {
    name: 'e',
    id: 'i',
    seed,
    runs: 1,
    cells: names.map(({ name, net, security }) => cell({ cell: name, values: { access: net, security }, measure })),
    provenance: {},
  } as unknown as ExperimentRecord;
  const base = { seed: 1, event: null, t0: 0, epoch: 0, flows: {}, gates: [], notes: [], ladder: [], nullEvent: false, valid: true };
  const facts = names.flatMap(({ name, security }) => {
    const runs = Math.max(...Object.values(cells[security]!).map(({ length }) => length));
    return Array.from({ length: runs }, (_, i): RunFacts => {
      const metrics = Object.fromEntries(Object.entries(cells[security]!).map(([metric, values]) => [metric, values[i] ?? null]));
      return { ...base, cell: name, run: i + 1, metrics };
    });
  });
  return summarise(record, facts, '');
}

const short = (name: string): string => name.replace('access=lab,security=', '');
const pairsOf = (list: Comparison[] | undefined) =>
  list?.map(({ cell: a, baseline, metric }) => `${metric} ${short(a)}/${short(baseline)}`);
const around = (middle: number, n: number, seed: number): number[] => {
  const random = prng(seed);
  return Array.from({ length: n }, () => middle + random() - 0.5);
};

describe('which cells stand beside which', () => {
  const one = { T_SCTP: [1] };

  it('is none for all, tunnel for transport of a cipher, null for esp of a mode', () => {
    const all = { none: one, 'esp-transport': one, 'esp-tunnel': one, 'null-transport': one, 'null-tunnel': one, wireguard: one };
    expect(pairsOf(summary(all).comparisons)).toEqual([
      'T_SCTP esp-transport/none',
      'T_SCTP esp-transport/esp-tunnel',
      'T_SCTP esp-transport/null-transport',
      'T_SCTP esp-tunnel/none',
      'T_SCTP esp-tunnel/null-tunnel',
      'T_SCTP null-transport/none',
      'T_SCTP null-transport/null-tunnel',
      'T_SCTP null-tunnel/none',
      'T_SCTP wireguard/none',
    ]);
  });

  it('never leaves the other values', () => {
    const list = summary({ none: one, 'esp-tunnel': one }, ['lab', 'hotspot']).comparisons!;
    expect(list.map(({ cell: a, baseline }) => [a, baseline])).toEqual([
      ['access=lab,security=esp-tunnel', 'access=lab,security=none'],
      ['access=hotspot,security=esp-tunnel', 'access=hotspot,security=none'],
    ]);
  });

  it('takes only metrics that both observed', () => {
    const secure = { T_IKE: [2], T_SCTP: [1], 'T_STALLED.data': [1] };
    const list = summary({ none: { T_SCTP: [1], 'T_STALLED.data': [null] }, 'esp-transport': secure, 'esp-tunnel': secure }).comparisons;
    expect(pairsOf(list)).toEqual([
      'T_SCTP esp-transport/none',
      'T_IKE esp-transport/esp-tunnel',
      'T_SCTP esp-transport/esp-tunnel',
      'T_STALLED.data esp-transport/esp-tunnel',
      'T_SCTP esp-tunnel/none',
    ]);
  });

  it('is nothing where the matrix does not vary it', () => {
    const record = { name: 'e', id: 'i', seed: 1, runs: 1, cells: [cell({ values: { access: 'lab' } })], provenance: {} };
    expect(summarise(record as unknown as ExperimentRecord, [], '')).not.toHaveProperty('comparisons');
  });
});

describe('a comparison', () => {
  const of = (none: (number | null)[], other: (number | null)[], seed = 3) =>
    summary({ none: { 'throughput.data': none }, 'esp-tunnel': { 'throughput.data': other } }, ['lab'], seed).comparisons![0]!;

  it('is of the medians, in the unit of the metric', () => {
    expect(of([4, 1, 2], [5, null, 7])).toMatchObject({ unit: 'bit/s', difference: 4, ratio: 3 });
    expect(of([0, 0], [5, 5])).toMatchObject({ difference: 5, ratio: null });
  });

  it('has the range over all pairs when either side has few values', () => {
    expect(of([4, 1, 2], [5, 7]).ci95).toEqual([1, 6]);
    expect(of([1, 1, 1, 1, 2], around(10, 20, 1)).ci95![0]).toBeLessThan(8.5);
  });

  it('has none of a single value, and says how many there are', () => {
    expect(of([4], [5, 7])).toMatchObject({ difference: 2, ci95: null, n: 1 });
    expect(of([4, 1, 2], [5, 7]).n).toBe(2);
  });

  it('has an interval that is narrower than the ranges, the same for the same seed, and holds the difference', () => {
    const [a, b] = [around(10, 25, 1), around(12, 25, 2)];
    const { difference, ci95 } = of(a, b);
    expect(ci95![0]).toBeLessThanOrEqual(difference);
    expect(ci95![1]).toBeGreaterThanOrEqual(difference);
    expect(ci95![1] - ci95![0]).toBeLessThan(0.8);
    expect(of(a, b)).toEqual(of(a, b));
  });

  it('holds the true difference in about 95 of 100 experiments', () => {
    const holds = Array.from({ length: 200 }, (_, i) => of(around(10, 15, 2 * i), around(11, 15, 2 * i + 1)).ci95);
    const share = holds.filter((ci95) => ci95![0] <= 1 && ci95![1] >= 1).length / holds.length;
    expect(share).toBeGreaterThanOrEqual(0.91);
  });
});

it('cells are grouped by all values but security', () => {
  const one = { T_SCTP: [1] };
  const groups = groupsOf(summary({ none: one, 'esp-tunnel': one }, ['lab', 'hotspot']).cells);
  expect(groups.map(({ title, cells }) => [title, cells.length])).toEqual([
    ['access=lab', 2],
    ['access=hotspot', 2],
  ]);
});
