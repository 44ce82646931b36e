import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runsToPlan, StoppingRule, stoppingRun } from '../../src/experiment/until.ts';
import { deriveSeed, prng } from '../../src/host/random.ts';
import { quartiles, summarise } from '../../src/stats/index.ts';
import type { MetricName } from '../../src/types/experiment.ts';
import type { ExperimentRecord, RunFacts } from '../../src/types/run.ts';
import { cell } from '../metrics/build.ts';

const SEED = 7;
const measuring = (...measure: MetricName[]) => cell({ measure });

function facts(run: number, metrics: RunFacts['metrics'], more: Partial<RunFacts> = {}): RunFacts {
  const base = { cell: 'all', nullEvent: false, seed: 1, event: null, t0: 0, epoch: 0, flows: {}, gates: [], notes: [], ladder: [] };
  return { ...base, run, metrics, valid: true, ...more };
}
const series = (count: number, metrics: (run: number) => RunFacts['metrics']): RunFacts[] =>
  Array.from({ length: count }, (_, i) => facts(i + 1, metrics(i + 1)));
const from = (list: RunFacts[], measure: MetricName[] = ['T_SYS'], tolerance = 0.05) =>
  stoppingRun(list, measuring(...measure), SEED, tolerance);

/** Sweeps of one to three metrics, quantised or spread, with invalid runs and values that were not observed. */
const sweep = fc
  .record({ spread: fc.constantFrom(0.01, 0.05, 0.2), length: fc.integer({ min: 5, max: 24 }), seed: fc.nat() })
  .map(({ spread, length, seed }) => {
    const random = prng(seed);
    const rare = random() < 0.3;
    return Array.from({ length }, (_, i) => {
      const value = (): number => 0.1 * (1 + spread * (random() + random() + random() - 1.5));
      const metrics = {
        T_SYS: value(),
        'T_STALLED.up': Math.round(value() * 200) / 200,
        T_RC: rare && random() < 0.7 ? null : value(),
        T_IKE: null,
        'loss.up': Math.floor(random() * 3),
      };
      return facts(i + 1, metrics, { valid: random() < 0.85 });
    });
  });
const MEASURED: MetricName[] = ['T_SYS', 'T_STALLED', 'T_RC', 'T_IKE', 'loss'];

describe('the run a cell may stop at', () => {
  test('follows from the runs before it alone: not from later ones, nor from the order they came in', () => {
    fc.assert(
      fc.property(sweep, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (all, keys) => {
        const stop = from(all, MEASURED);
        const shuffled = all.map((entry) => ({ entry, key: keys.next().value })).sort((a, b) => a.key - b.key);
        expect(
          from(
            shuffled.map(({ entry }) => entry),
            MEASURED,
          ),
        ).toBe(stop);
        for (let n = 0; n <= all.length; n += 1) expect(from(all.slice(0, n), MEASURED)).toBe(stop !== null && n >= stop ? stop : null);
      }),
      { numRuns: 40 },
    );
  });

  test('is told when the last run it needs comes in, whichever that is', () => {
    const all = series(12, () => ({ T_SYS: 0.1 }));
    const rule = new StoppingRule(measuring('T_SYS'), SEED, 0.05);
    for (const entry of all.slice(1).toReversed()) expect(rule.add(entry.run, entry)).toBeNull();
    expect(rule.add(1, all[0]!)).toBe(7);
    expect(rule.add(13, null)).toBe(7);
  });

  test('is not known while one of them is missing', () => {
    fc.assert(
      fc.property(sweep, fc.nat(), (all, which) => {
        const stop = from(all, MEASURED);
        fc.pre(stop !== null);
        const missing = 1 + (which % stop!);
        expect(
          from(
            all.filter(({ run }) => run !== missing),
            MEASURED,
          ),
        ).toBeNull();
      }),
      { numRuns: 20 },
    );
  });

  test('is the first at which the intervals the summary prints are narrow for the second time in a row', () => {
    const described = cell({ measure: MEASURED });
    const narrow = (list: RunFacts[]): boolean => {
      const record = { seed: SEED, runs: list.length, cells: [described], provenance: {} } as unknown as ExperimentRecord;
      const { metrics, valid } = summarise(record, list, '').cells[0]!;
      const seen = metrics.filter(({ base, quartiles: q }) => base !== 'loss' && q !== null).map(({ quartiles: q }) => q!);
      return valid >= 6 && seen.length > 0 && seen.every((q) => q.n >= 6 && (q.ci95[1] - q.ci95[0]) / 2 <= 0.05 * q.median);
    };
    const expected = (all: RunFacts[]): number | null => {
      const valid = all.filter((entry) => entry.valid).map(({ run }) => run);
      const held = valid.map((run) => narrow(all.slice(0, run)));
      return valid.find((_run, i) => held[i] && held[i - 1]) ?? null;
    };
    const outcomes = new Set<boolean>();
    fc.assert(
      fc.property(sweep, (all) => {
        const stop = expected(all);
        outcomes.add(stop === null);
        expect(from(all, MEASURED)).toBe(stop);
      }),
      { numRuns: 40 },
    );
    expect(outcomes.size).toBe(2); // both kinds were tried
  });
});

describe('enough is', () => {
  test('six valid runs and one more, when nothing varies', () => {
    expect(from(series(6, () => ({ T_SYS: 0.1 })))).toBeNull();
    expect(from(series(7, () => ({ T_SYS: 0.1 })))).toBe(7);
  });

  test('not reached by invalid runs, null runs, or another cell’s', () => {
    const all = series(9, () => ({ T_SYS: 0.1 }));
    for (const other of [{ valid: false }, { nullEvent: true }, { cell: 'another' }])
      expect(from(all.map((entry) => (entry.run === 3 ? { ...entry, ...other } : entry)))).toBe('valid' in other ? 8 : null);
  });

  test('a matter of every metric that is measured', () => {
    const all = series(20, (run) => ({ T_SYS: 0.1, T_RC: run }));
    expect(from(all, ['T_SYS'])).toBe(7);
    expect(from(all, ['T_SYS', 'T_RC'])).toBeNull();
    expect(from(all, ['T_SYS', 'T_RC'], 0.9)).toBe(7);
  });

  test('not held up by what is never observed, but by what six runs have not shown', () => {
    expect(
      from(
        series(7, () => ({ T_SYS: 0.1, T_RC: null })),
        ['T_SYS', 'T_RC'],
      ),
    ).toBe(7);
    const second = series(20, (run) => ({ T_SYS: 0.1, T_RC: run % 2 === 0 ? 1 : null }));
    expect(from(second, ['T_SYS', 'T_RC'])).toBe(13); // run 12 brings the sixth value
    expect(from(series(20, () => ({ T_SYS: null })))).toBeNull();
  });

  test('not a matter of what is counted, of the parts of T_SYS, or of the throughput before the event', () => {
    const all = series(20, (run) => ({
      T_SYS: 0.1,
      'T_SYS.timer': 0.05 * (run % 3),
      'T_SYS.rest': 0.1 - 0.05 * (run % 3),
      'T_RECOVER.data': 0.1 * (run % 3),
      'retransmitted.data': run,
      'throughput.data': 1e6 * run,
    }));
    expect(from(all, ['T_SYS', 'T_RECOVER', 'retransmitted', 'throughput'])).toBe(7);
    expect(from(all, ['throughput'])).toBeNull();
    expect(from(all, ['throughput'], 0.9)).toBe(7);
  });

  test('not a matter of loss, unless nothing else is measured', () => {
    const all = series(20, (run) => ({ T_SYS: 0.1, 'loss.up': run % 5 }));
    expect(from(all, ['T_SYS', 'loss'])).toBe(7);
    expect(from(all, ['loss'])).toBeNull();
    expect(
      from(
        series(7, () => ({ 'loss.up': 0 })),
        ['loss'],
      ),
    ).toBe(7);
  });
});

test('the interval at the stop holds the true median nearly as often as it says', () => {
  const random = prng(3);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let covered = 0;
  for (let sweeps = 0; sweeps < 100; sweeps += 1) {
    const rule = new StoppingRule(measuring('T_SYS'), sweeps, 0.05);
    const values: number[] = [];
    while (rule.stop === null) {
      values.push(1 + 0.06 * normal());
      rule.add(values.length, facts(values.length, { T_SYS: values.at(-1)! }));
    }
    const [low, high] = quartiles(values, deriveSeed(sweeps, 'all', 'T_SYS'))!.ci95;
    expect(high - low).toBeLessThan(0.12);
    if (low <= 1 && 1 <= high) covered += 1;
  }
  expect(covered).toBeGreaterThan(80);
});

test('as many runs are planned as asked for; else the file’s, or 200 where an interval decides', () => {
  expect([runsToPlan(undefined, 3, undefined), runsToPlan(undefined, 3, 0.05), runsToPlan(undefined, 500, 0.05)]).toEqual([3, 200, 500]);
  expect([runsToPlan(40, 3, undefined), runsToPlan(40, 300, 0.05)]).toEqual([40, 40]);
});
