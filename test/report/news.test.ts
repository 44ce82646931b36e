import { describe, expect, it } from 'vitest';
import { renderTerminal } from '../../src/report/index.ts';
import type { MetricSummary, Summary } from '../../src/types/run.ts';
import { experiment } from './build.ts';

const { cells, comparisons: _, ...rest } = structuredClone(experiment().summary);

function metric(name: string, value: number | null, floor: number | null = null): MetricSummary {
  const [base] = name.split('.');
  const unit = base === 'loss' ? 'packets' : base === 'CPU' ? 'instructions' : 's';
  const same = value ?? 0;
  const quartiles = { n: 9, min: same, q1: same, median: same, q3: same, max: same, ci95: [same, same] as [number, number] };
  return { metric: name, base: base as MetricSummary['base'], unit, values: [value], quartiles: value === null ? null : quartiles, floor };
}

const cell = (security: string, ...metrics: MetricSummary[]) => ({ ...cells[0]!, cell: security, values: { security }, metrics });
const text = (...list: Summary['cells']): string => renderTerminal({ ...rest, cells: list }, { columns: 120, color: false });

describe('what a terminal leaves out', () => {
  it('is a whole said twice, where the other part is 0 in all cells', () => {
    const timer = text(cell('a', metric('T_SYS', 0.2), metric('T_SYS.timer', 0), metric('T_SYS.rest', 0.2)));
    expect(timer).not.toMatch(/T_SYS\.(timer|rest)/);
    expect(timer).toContain('T_SYS: no part of it was spent waiting for a timer');
    const rest = text(cell('a', metric('T_SYS', 0.2), metric('T_SYS.timer', 0.2), metric('T_SYS.rest', 0)));
    expect(rest).toContain('T_SYS: all of it was spent waiting for a timer');
    const both = text(
      cell('a', metric('T_SYS', 0.2), metric('T_SYS.timer', 0), metric('T_SYS.rest', 0.2)),
      cell('b', metric('T_SYS', 0.2), metric('T_SYS.timer', 0.1), metric('T_SYS.rest', 0.1)),
    );
    expect(both.match(/T_SYS\.timer/g)).toHaveLength(2);
    expect(both).not.toContain('T_SYS: ');
    expect(text(cell('a', metric('T_SYS.timer', null), metric('T_SYS.rest', 0.2)))).toContain('T_SYS.timer');
  });

  it('is T_IKE where there is no IKE; what was looked for and not seen is news', () => {
    for (const security of ['none', 'wireguard']) expect(text(cell(security, metric('T_IKE', null)))).not.toContain('T_IKE');
    expect(text(cell('none', metric('T_IKE', 0.1)))).toContain('T_IKE');
    expect(text(cell('esp-tunnel', metric('T_IKE', null)))).toMatch(/T_IKE +0\/1/);
    expect(text(cell('none', metric('T_RC', null)))).toMatch(/T_RC +0\/1/);
  });

  it('is loss of cells that only count instructions, while there is none', () => {
    const counted = [metric('CPU.mn.p60', 9000), metric('loss.p60', 0), metric('loss.p180', 0)];
    const quiet = text(cell('none', ...counted));
    expect(quiet).toContain('  loss: 0 packets in all 2 flows\n');
    expect(quiet).not.toMatch(/loss\.|floor:/);
    for (const other of [metric('loss.p512', 1), metric('loss.p512', null), metric('loss.p512', 0, 2), metric('T_STALLED.p60', 0.1)]) {
      const loud = text(cell('none', ...counted, other));
      expect(loud).toMatch(/loss\.p60/);
      expect(loud).not.toContain('loss: ');
    }
  });

  it('is a metric in which no cell differs from none', () => {
    const row = (name: string, difference: number, security = 'esp-tunnel') => ({
      metric: name,
      unit: 's' as const,
      cell: security,
      baseline: 'none',
      difference,
      ci95: [difference, difference] as [number, number],
      ratio: null,
    });
    const metrics = [metric('T_SYS', 0.2), metric('T_RECOVER.data', 0), metric('T_STALLED.data', 0.2)];
    const list = [cell('none', ...metrics), cell('esp-tunnel', ...metrics), cell('esp-transport', ...metrics)];
    const comparisons = [
      ...['esp-tunnel', 'esp-transport'].map((security) => row('T_RECOVER.data', 0, security)),
      row('T_STALLED.data', 0),
      row('T_STALLED.data', 1e-9, 'esp-transport'),
    ];
    const shown = renderTerminal({ ...rest, cells: list, comparisons }, { columns: 120, color: false });
    const costs = shown.slice(shown.indexOf('what protection costs'));
    expect(costs).toContain('  no difference in: T_RECOVER.data\n');
    expect(costs).toMatch(/ {2}T_STALLED\.data\n/);
    const none = renderTerminal({ ...rest, cells: list, comparisons: comparisons.slice(0, 2) }, { columns: 120, color: false });
    expect(none.slice(none.indexOf('what protection costs'))).toMatch(/^[^\n]*\n {2}no difference in: T_RECOVER\.data\n/);
  });
});
