import { describe, expect, it } from 'vitest';
import { renderTerminal } from '../../src/report/index.ts';
import { transportAnswer } from '../../src/report/protection/answer.ts';
import { cpuTables } from '../../src/report/protection/cpu.ts';
import { costTables, ratioOf } from '../../src/report/protection/times.ts';
import type { Comparison, Summary } from '../../src/types/run.ts';
import { PAYLOADS, protectedExperiment, SECURITIES } from './protection.ts';

const { summary } = protectedExperiment();
const spaced = (text: string | null): string => (text ?? '').replace(/[\u00a0\u202f]/g, ' ');

describe('what protection costs, on a terminal', () => {
  it.each([80, 100, 200])('fits %i columns', (columns) => {
    const text = renderTerminal(summary, { columns, color: false });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  const text = spaced(renderTerminal(summary, { columns: 120, color: false }));

  it('holds times and throughput against none, per group of cells', () => {
    expect(text).toContain('access=lab-ethernet: what protection costs, beside security=none');
    expect(text).toMatch(/T_SYS\.timer\n +esp-transport +263\.8 +\+192\.\d +\+\d+\.\d\.\.\+\d+\.\d +×1\.\d{3}\n +esp-tunnel +263\.8 /);
    expect(text).toMatch(/throughput\.data \(Mbit\/s\)\n +esp-transport +90\.07 +−3\.\d{3} +−\d\.\d{3}\.\.−\d\.\d{3} +×0\.9/);
    expect(text).not.toMatch(/^ +T_IKE\n/m); // none has no T_IKE to hold it against
  });

  it('has instructions per packet in one table per group, and not in the cells', () => {
    expect(text).not.toContain('CPU.');
    expect(text).toMatch(/mn +p64 +20 190 +31 760 +35 305 +27 151 +29 434 +30 621 +0\.900 +0\.922/);
    expect(text.match(/instructions per packet$/gm)).toHaveLength(2);
  });

  it('says whether transport mode is cheaper, and by how much', () => {
    expect(text).toContain('Transport mode is cheaper than tunnel mode for every payload, on every host');
  });

  it('leaves experiments without a `security` as they are', () => {
    const { cells, comparisons: _, ...rest } = structuredClone(summary);
    const [only] = cells;
    const plain = renderTerminal({ ...rest, cells: [{ ...only!, values: {} }] }, { columns: 120, color: false });
    expect(spaced(plain)).toMatch(/CPU\.mn\.p64 \(instructions\/packet\) +9 +20 190/);
    expect(plain).not.toMatch(/what protection costs|t\/t|Transport mode/);
  });
});

describe('tables', () => {
  it('have a row per host and payload, and both modes of each cipher', () => {
    const [first] = cpuTables(summary);
    expect(first).toMatchObject({ title: 'access=lab-ethernet', securities: SECURITIES, ciphers: ['esp', 'null'] });
    expect(first!.rows.map(({ node, flow }) => `${node} ${flow}`)).toEqual(
      ['mn', 'sgw'].flatMap((node) => PAYLOADS.map((size) => `${node} p${size}`)),
    );
    const { medians, modes } = first!.rows[0]!;
    expect(modes.esp!.ratio).toBe(medians[1]! / medians[2]!);
  });

  it('name the pair where all pairs are asked for', () => {
    const pairs = costTables(summary, 'all')[0]!.rows.filter(({ metric }) => metric === 'T_IKE');
    expect(pairs.map(({ security, against }) => `${security}/${against}`)).toEqual([
      'esp-transport/esp-tunnel',
      'esp-transport/null-transport',
      'esp-tunnel/null-tunnel',
      'null-transport/null-tunnel',
    ]);
    expect(costTables(summary, 'short')[0]!.rows.every(({ against }) => against === 'none')).toBe(true);
  });

  it('ratios have as many digits as mean something', () => {
    expect([null, 0.98765, 12.345, 1234.5].map(ratioOf)).toEqual(['–', '×0.988', '×12.3', '×1235']);
  });
});

describe('the answer', () => {
  /** Of two payloads on one host, with the given ratios of transport to tunnel mode and ends of the intervals. */
  const answer = (...cases: { ratio: number | null; ci95?: [number, number] }[]): string | null => {
    const cell = (security: string) => ({
      cell: security,
      values: { security },
      metrics: cases.map((_, i) => ({ metric: `CPU.mn.p${i}`, base: 'CPU', unit: 'instructions', values: [1], quartiles: { median: 1 } })),
    });
    const comparisons = cases.map(
      ({ ratio, ci95 }, i): Comparison => ({
        metric: `CPU.mn.p${i}`,
        unit: 'instructions',
        cell: 'esp-transport',
        baseline: 'esp-tunnel',
        difference: 0,
        ci95: ci95 ?? [-2, -1],
        ratio,
      }),
    );
    const found = transportAnswer({ cells: ['esp-transport', 'esp-tunnel'].map(cell), comparisons } as unknown as Summary);
    return found === null ? null : spaced(found);
  };

  it('is a range over payloads', () => {
    expect(answer({ ratio: 0.95 }, { ratio: 0.75 })).toBe(
      'Transport mode is cheaper than tunnel mode for every payload, on every host, in instructions per packet: on mn 5.0 % (p0) to 25.0 % (p1) fewer with esp.',
    );
    expect(answer({ ratio: 0.9 })).toMatch(/on mn 10\.0 % fewer \(p0\) with esp\.$/);
  });

  it('is no where it is dearer, and the smaller change comes first', () => {
    expect(answer({ ratio: 1.2, ci95: [1, 2] }, { ratio: 1.1, ci95: [1, 2] })).toBe(
      'Transport mode is dearer than tunnel mode for every payload, on every host, in instructions per packet: on mn 10.0 % (p1) to 20.0 % (p0) more with esp.',
    );
  });

  it('counts the cases where it is not one thing', () => {
    expect(answer({ ratio: 0.9 }, { ratio: 1.02, ci95: [-1, 3] }, { ratio: 1.1, ci95: [1, 2] })).toBe(
      'Transport mode is cheaper than tunnel mode in 1 of 3 cases (payload, host, cipher), dearer in 1, not told apart from it in 1, in instructions per packet: on mn from 10.0 % more (p2) to 10.0 % fewer (p0) with esp.',
    );
    expect(answer({ ratio: 1, ci95: [-1, 1] })).toMatch(/^Transport mode is neither cheaper nor dearer than tunnel mode/);
  });

  it('is silent where nothing was measured', () => {
    expect(answer()).toBeNull();
    expect(answer({ ratio: null })).toBeNull();
  });
});
