import { expect, it } from 'vitest';
import { compareMetrics } from '../../src/compare/metrics.ts';
import { metricTable } from '../../src/compare/terminal/tables.ts';

const facts = (metrics: Record<string, number | null>) => ({ event: null, nullEvent: false, t0: null, epoch: 0, metrics, ladder: [] });

it('each metric has its unit, whatever it is', () => {
  const a = facts({
    T_SYS: 0.002,
    'T_SYS.timer': 0,
    'loss.data': 1,
    'retransmitted.data': 3,
    'throughput.data': 2e6,
    'CPU.mn.data': 21_000,
  });
  const b = facts({ T_SYS: 0.003, 'loss.data': 0, 'retransmitted.data': null, 'throughput.data': 2.5e6, 'CPU.mn.data': 20_000 });
  const rows = compareMetrics(a, b);
  expect(rows.map(({ unit }) => unit)).toEqual(['s', 's', 'packets', 'packets', 'bit/s', 'instructions']);
  const lines = metricTable(rows, 100).map((line) => line.trim().split(/ {2,}/));
  expect(lines).toContainEqual(['T_SYS', '2.000', '3.000', '+1.000']);
  expect(lines).toContainEqual(['T_SYS.timer', '0.000', '–', '–']);
  expect(lines).toContainEqual(['loss.data (packets)', '1', '0', '-1']);
  expect(lines).toContainEqual(['retransmitted.data (packets)', '3', '–', '–']);
  expect(lines).toContainEqual(['throughput.data (Mbit/s)', '2.000', '2.500', '+0.500']);
  expect(lines).toContainEqual(['CPU.mn.data (instructions/packet)', '21\u202f000', '20\u202f000', '-1\u202f000']);
});
