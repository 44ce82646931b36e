import { expect, it } from 'vitest';
import { summarise } from '../../src/stats/index.ts';
import type { ExperimentRecord, Gate, RunFacts } from '../../src/types/run.ts';
import { cell } from '../metrics/build.ts';

const record = {
  name: 'e',
  id: 'i',
  seed: 3,
  runs: 4,
  cells: [cell({ measure: ['T_SYS', 'T_IKE'] })],
  provenance: {},
} as unknown as ExperimentRecord;

function facts(run: number, metrics: RunFacts['metrics'], more: Partial<RunFacts> = {}): RunFacts {
  const base = { cell: 'all', seed: 1, event: null, t0: 0, epoch: 0, flows: {}, gates: [], notes: [], ladder: [] };
  return { ...base, run, metrics, nullEvent: false, valid: true, ...more };
}
const broken: Gate = { name: 'cleartext', ok: false, severity: 'invalid', detail: 'leaked' };
const warned: Gate = { name: 'xfrm-errors', ok: false, severity: 'warning', detail: 'mn XfrmInNoStates +1' };
const stalledFlow = (stalled: number | null) =>
  ({ up: { stalled, outage: stalled === null ? 'quiet' : 'outage' } }) as unknown as RunFacts['flows'];

const [summary] = summarise(
  record,
  [
    facts(3, { T_SYS: 0.3, T_IKE: 0.1, T_RC: 1, 'loss.up': 3 }),
    facts(1, { T_SYS: 0.1, T_IKE: 0.1, 'loss.up': 1 }, { gates: [warned] }),
    facts(2, { T_SYS: 9, T_IKE: 9, 'loss.up': 9 }, { valid: false, gates: [broken, warned] }),
    facts(1, { T_SYS: null, T_IKE: 0.2, 'loss.up': 2 }, { nullEvent: true, flows: stalledFlow(null) }),
    facts(2, { T_SYS: 5, 'loss.up': 8 }, { nullEvent: true, valid: false, gates: [broken] }),
    facts(1, { T_SYS: 7 }, { cell: 'another' }),
  ],
  '/somewhere',
).cells;

it('keeps invalid runs out of every number and lists them, and those that left nothing', () => {
  expect(summary).toMatchObject({ runs: 4, valid: 2, nullRuns: 2, nullQuiet: false });
  expect(summary!.invalid).toEqual([
    { run: 2, reasons: ['cleartext: leaked'] },
    { run: 2, reasons: ['null run: cleartext: leaked'] },
    { run: 4, reasons: ['complete: the run left no facts'] },
  ]);
  const sys = summary!.metrics.find(({ metric }) => metric === 'T_SYS')!;
  expect(sys.values).toEqual([0.1, null, 0.3]);
  expect(sys.quartiles).toMatchObject({ n: 2, min: 0.1, median: 0.2, max: 0.3 });
});

it('shows what the cell asked for, loss always, in one order', () => {
  expect(summary!.metrics.map(({ metric, unit }) => `${metric} ${unit}`)).toEqual(['T_IKE s', 'T_SYS s', 'loss.up packets']);
});

it('takes the floor from valid null runs, and none for T_IKE, which every run has', () => {
  expect(summary!.metrics.map(({ floor }) => floor)).toEqual([null, null, 2]);
});

it('is quiet only when every null run was valid and saw no outage', () => {
  const quiet = (nulls: RunFacts[]) => summarise(record, nulls, '').cells[0]!.nullQuiet;
  const one = facts(1, {}, { nullEvent: true, flows: stalledFlow(null) });
  expect(quiet([one])).toBe(true);
  expect(quiet([one, { ...one, run: 2, flows: stalledFlow(0.02) }])).toBe(false);
  expect(quiet([])).toBe(false);
});

it('knows units and floors by the base of a name', () => {
  const measured = {
    T_SCTP: 0.001,
    T_SYS: 0.1,
    'T_SYS.timer': 0.08,
    'T_RECOVER.up': 1,
    'retransmitted.up': 3,
    'throughput.up': 9e6,
    'CPU.mn.up': 7e4,
  };
  const all = { ...record, runs: 1, cells: [cell({ measure: ['T_SCTP', 'T_SYS', 'T_RECOVER', 'retransmitted', 'throughput', 'CPU'] })] };
  const { metrics } = summarise(all, [facts(1, measured), facts(1, measured, { nullEvent: true })], '').cells[0]!;
  expect(metrics.map(({ metric, base, unit, floor }) => [metric, base, unit, floor !== null])).toEqual([
    ['T_SCTP', 'T_SCTP', 's', false],
    ['T_SYS', 'T_SYS', 's', true],
    ['T_SYS.timer', 'T_SYS', 's', true],
    ['T_RECOVER.up', 'T_RECOVER', 's', true],
    ['retransmitted.up', 'retransmitted', 'packets', true],
    ['throughput.up', 'throughput', 'bit/s', false],
    ['CPU.mn.up', 'CPU', 'instructions', false],
  ]);
});
