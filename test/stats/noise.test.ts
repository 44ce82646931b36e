import { expect, it } from 'vitest';
import { summarise } from '../../src/stats/index.ts';
import type { ExperimentRecord, Gate, RunFacts } from '../../src/types/run.ts';
import { cell } from '../metrics/build.ts';

const record = {
  ...{ name: 'e', id: 'i', seed: 3, runs: 0, provenance: {} },
  cells: [cell({ measure: ['T_SYS', 'T_UPDATE'] })],
} as unknown as ExperimentRecord;

const host = (ok: boolean): Gate => ({ name: 'host', ok, severity: 'warning', detail: '' });

/** One run per value; runs whose value is marked with `!` were disturbed. */
function judge(values: (number | [number, '!'])[], change: (facts: RunFacts[]) => RunFacts[] = (all) => all) {
  const facts = values.map((entry, i): RunFacts => {
    const [value, mark] = Array.isArray(entry) ? entry : [entry, ''];
    return {
      ...{ cell: 'all', seed: 1, event: null, t0: 0, epoch: 0, flows: {}, notes: [], ladder: [], nullEvent: false, valid: true },
      run: i + 1,
      metrics: { T_SYS: value, T_UPDATE: 0.02, 'loss.up': i ** 4 },
      gates: [host(mark === '')],
    };
  });
  const { disturbed, noise } = summarise(record, change(facts), '/').cells[0]!;
  return { disturbed, noise };
}

/** `n` values near 100 ms, all within 1 %. */
const near = (n: number) => Array.from({ length: n }, (_, i) => 0.1 + 0.001 * (i / n));
const slow = (n: number): [number, '!'][] => Array.from({ length: n }, (_, i) => [0.1005 + 0.0001 * i, '!']);

it('nothing is said where nobody watched, as with the virtual clock', () => {
  expect(judge(near(8), (all) => all.map((facts) => ({ ...facts, gates: [] })))).toEqual({ disturbed: [], noise: null });
});

it('a quiet machine', () => {
  expect(judge(near(8))).toEqual({ disturbed: [], noise: { verdict: 'ok', why: '0 of 8 valid runs disturbed' } });
});

it('up to a quarter of the runs may be disturbed, if the numbers do not show it', () => {
  expect(judge([...near(6), ...slow(2)])).toEqual({ disturbed: [7, 8], noise: { verdict: 'ok', why: '2 of 8 valid runs disturbed' } });
  expect(judge([...near(5), ...slow(2)])).toMatchObject({
    disturbed: [6, 7],
    noise: { verdict: 'too noisy', why: '2 of 7 valid runs disturbed' },
  });
});

it('an interval that only the disturbed runs make wide', () => {
  const { noise } = judge([0.1, 0.1, 0.1, 0.101, [0.15, '!']]);
  expect(noise).toEqual({
    verdict: 'too noisy',
    why: '1 of 5 valid runs disturbed, and the 95 % interval of T_SYS is 50 % of its median, without them 1 %',
  });
});

it('an interval that is wide without them, too, is not the machine', () => {
  expect(judge([0.1, 0.12, 0.14, 0.145, [0.15, '!']]).noise!.verdict).toBe('ok');
});

it('a narrow interval is none of its business, and neither is loss', () => {
  expect(judge([0.1, 0.1, 0.1, 0.1, [0.109, '!']]).noise!.verdict).toBe('ok');
});

it('invalid runs and null runs do not count', () => {
  const spoiled = judge([...near(6), ...slow(2)], (all) =>
    all.map((facts) => ({ ...facts, valid: facts.run !== 7, nullEvent: facts.run === 8 })),
  );
  expect(spoiled).toEqual({ disturbed: [], noise: { verdict: 'ok', why: '0 of 6 valid runs disturbed' } });
});
