import { describe, expect, it } from 'vitest';
import { renderTerminal } from '../../src/report/index.ts';
import { addedBy } from '../../src/report/protection/added.ts';
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
    expect(text).toMatch(
      /Transport mode beside tunnel mode, in\s+instructions per packet:\n {2}sending host mn: 9\.\d % \(p64\) to 1\d\.\d % \(p1400\) fewer with esp/,
    );
    expect(text).toMatch(/^The E2E paper: transport mode “reduces CPU load by 20%” \(abstract\)/m);
    expect(text).toContain('\nInstructions are neither cycles nor seconds');
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
      PAYLOADS.flatMap((size) => ['mn', 'sgw', null].map((node) => `${node} p${size}`)),
    );
    const { medians, modes } = first!.rows[0]!;
    expect(modes.esp!.ratio).toBe(medians[1]! / medians[2]!);
  });

  it('have the sum over hosts, and what the modes cost of what protection adds', () => {
    const [mn, sgw, all] = cpuTables(summary)[0]!.rows;
    expect(all!.medians[2]).toBe(mn!.medians[2]! + sgw!.medians[2]!);
    expect(all!.modes.esp).toMatchObject({ ratio: all!.medians[1]! / all!.medians[2]!, comparison: null });
    const { added } = mn!.modes.esp!;
    expect(added).toEqual({
      transport: mn!.medians[1]! - mn!.medians[0]!,
      tunnel: mn!.medians[2]! - mn!.medians[0]!,
      ratio: (mn!.medians[1]! - mn!.medians[0]!) / (mn!.medians[2]! - mn!.medians[0]!),
    });
    // chosen: 1 and 1.3 times the same
    expect(added!.ratio).toBeCloseTo(1 / 1.3, 1);
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

describe('what protection adds', () => {
  const of = (none: number | null, transport: number, tunnel: number) =>
    addedBy('esp', ['none', 'esp-transport', 'esp-tunnel'], [none, transport, tunnel]);

  it('is the difference to none, and nothing within 5 % of it', () => {
    expect(of(8000, 23_000, 28_000)).toEqual({ transport: 15_000, tunnel: 20_000, ratio: 0.75 });
    expect(of(4000, 3900, 4150)).toEqual({ transport: null, tunnel: null, ratio: null });
    expect(of(4000, 3900, 24_000)).toEqual({ transport: null, tunnel: 20_000, ratio: null });
    expect(of(4000, 3000, 2000)).toEqual({ transport: -1000, tunnel: -2000, ratio: null });
  });

  it('is unknown without a cell in the clear', () => {
    expect(of(null, 1, 2)).toBeNull();
    expect(addedBy('esp', ['esp-transport', 'esp-tunnel'], [1, 2])).toBeNull();
  });
});

describe('the answer', () => {
  interface Numbers {
    node?: string;
    /** medians of none, transport and tunnel mode */
    medians: [number | null, number, number];
    ci95?: [number, number];
  }
  const SECURITY = ['none', 'esp-transport', 'esp-tunnel'];
  /** Of payloads p0, p1, ... per host. */
  const answer = (numbers: Numbers[], hosts?: Summary['hosts']): string[] | null => {
    const named = numbers.map((entry, i) => {
      const { node = 'mn' } = entry;
      const before = numbers.slice(0, i).filter((other) => (other.node ?? 'mn') === node).length;
      return { ...entry, metric: `CPU.${node}.p${before}` };
    });
    const cells = SECURITY.map((security, i) => ({
      cell: security,
      values: { security },
      metrics: named.map(({ metric, medians }) => {
        const median = medians[i] ?? null;
        return { metric, base: 'CPU', unit: 'instructions', values: [median], quartiles: median === null ? null : { median } };
      }),
    }));
    const comparisons = named.map(
      ({ metric, medians: [, transport, tunnel], ci95 }): Comparison => ({
        metric,
        unit: 'instructions',
        cell: 'esp-transport',
        baseline: 'esp-tunnel',
        difference: transport - tunnel,
        ci95: ci95 ?? [-2, -1],
        ratio: tunnel === 0 ? null : transport / tunnel,
      }),
    );
    const found = transportAnswer({ cells, comparisons, hosts } as unknown as Summary);
    return found === null ? null : [...(found.claim === null ? [] : [found.claim]), found.lead, ...found.lines].map(spaced);
  };
  const hosts = (role: 'SGW' | 'router', paper?: string): Summary['hosts'] => ({
    roles: { mn: 'MN', middle: role },
    flows: { p0: { from: 'mn', to: 'server' } },
    ...(paper === undefined ? {} : { paper }),
  });

  it('is a range over payloads, of all and of what protection adds', () => {
    expect(answer([{ medians: [100, 190, 200] }, { medians: [100, 150, 200] }])).toEqual([
      'Transport mode beside tunnel mode, in instructions per packet:',
      'host mn: 5.0 % (p0) to 25.0 % (p1) fewer with esp; of what protection adds, 10.0 % (p0) to 50.0 % (p1) fewer with esp',
    ]);
    expect(answer([{ medians: [null, 180, 200] }])![1]).toBe('host mn: 10.0 % fewer (p0) with esp');
  });

  it('puts the smaller change first, and says what goes either way', () => {
    const line = (...ratios: number[]) => answer(ratios.map((ratio) => ({ medians: [null, 1000 * ratio, 1000] })))![1];
    expect(line(1.2, 1.1)).toBe('host mn: 10.0 % (p1) to 20.0 % (p0) more with esp');
    expect(line(0.9, 1.1)).toBe('host mn: from 10.0 % more (p1) to 10.0 % fewer (p0) with esp');
    expect(line(0.9999, 1.1)).toBe('host mn: 0.0 % (p0) to 10.0 % (p1) more with esp');
    expect(line(3)).toBe('host mn: 200 % more (p0) with esp');
  });

  it('counts what the runs cannot tell apart', () => {
    expect(answer([{ medians: [null, 99, 100], ci95: [-3, 1] }, { medians: [null, 9, 10] }])![1]).toMatch(
      /; not told apart in 1 of 2 cases$/,
    );
  });

  it('tells hosts by what they do, and sums over all of them', () => {
    const tunnelled: Numbers[] = [
      { node: 'mn', medians: [100, 180, 200] },
      { node: 'middle', medians: [100, 101, 200] },
      { node: 'server', medians: [100, 200, 100] },
    ];
    expect(answer(tunnelled, hosts('SGW'))!.slice(1)).toEqual([
      'sending host mn: 10.0 % fewer (p0) with esp; of what protection adds, 20.0 % fewer (p0) with esp',
      'gateway middle: 49.5 % fewer (p0) with esp; protection costs it in tunnel mode only',
      'receiving host server: 100 % more (p0) with esp; protection costs it in transport mode only',
      'all hosts: 3.8 % fewer (p0) with esp; of what protection adds, 9.5 % fewer (p0) with esp',
    ]);
    const past = answer([tunnelled[0]!, { node: 'middle', medians: [100, 99, 98] }], hosts('router'))!;
    expect(past.at(-2)).toBe('forwarding host middle: protection adds nothing that matters');
  });

  it('holds it against the paper the experiment is about, and no other', () => {
    const lead = (paper: string) => answer([{ medians: [1, 2, 3] }], hosts('router', paper))![0];
    expect(lead('e2e')).toMatch(/^The E2E paper: .*20%.*section V-C.*AES-GCM\)\.$/);
    for (const paper of ['mml-ipsec', '__proto__', 'toString']) expect(lead(paper)).toMatch(/^Transport mode beside/);
  });

  it('is silent where nothing was measured', () => {
    expect(answer([])).toBeNull();
    expect(answer([{ medians: [0, 0, 0] }])).toBeNull();
  });
});
