/** The gate `host`. In the hand-built handover T_SYS is 110 ms from 2000, T_UPDATE 6 ms from 2120, T_IKE 50 ms from 500. */
import { describe, expect, it } from 'vitest';
import { analyseRun } from '../../src/metrics/index.ts';
import type { HostDisturbance, HostWindow } from '../../src/types/host.ts';
import { EPOCH, handover, ms } from './build.ts';

/** A quiet machine, watched from 0 to 5000 ms of the run in windows of 100 ms; `changes` by the start of the window in ms. */
function host(changes: Record<number, Partial<HostWindow>> = {}, more: Partial<HostDisturbance> = {}): HostDisturbance {
  const windows = Array.from({ length: 50 }, (_, i) => ({
    ...{ from: ms(i * 100), to: ms((i + 1) * 100), late: 0.0002, waited: 0, steal: 0 },
    ...changes[i * 100],
  }));
  return {
    ...{ format: 1, epoch: EPOCH, clockAhead: 0, duration: 5, cpus: 2, steal: 0, waited: 0.01, own: 1, others: 0.1, load: 0.1 },
    pressure: { cpu: 0.1, io: 0.1, memory: 0 },
    windows,
    ...more,
  };
}

function judge(record: HostDisturbance | undefined, run = handover()) {
  const { gates, valid } = analyseRun({ ...run, ...(record === undefined ? {} : { host: record }) });
  return { ...gates.find(({ name }) => name === 'host'), valid };
}

it('is not there when nobody watched, as with the virtual clock', () => {
  expect(judge(undefined)).toEqual({ valid: true });
});

it('a quiet machine', () => {
  expect(judge(host())).toMatchObject({ ok: true, detail: 'timers at most 0.20 ms late in the whole run, 0.0 % of a CPU stolen' });
});

describe('a delay counts by the size of what it meets', () => {
  it('a warning: the run stays valid', () => {
    expect(judge(host({ 2000: { waited: 0.02 } }))).toMatchObject({ ok: false, severity: 'warning', valid: true });
  });

  it('T_SYS of 110 ms bears 5 ms, not 6', () => {
    expect(judge(host({ 2000: { waited: 0.005 } })).ok).toBe(true);
    expect(judge(host({ 2000: { waited: 0.006 } }))).toMatchObject({
      ok: false,
      detail: 'T_SYS (110 ms): a thread waited for a CPU (6.00 ms)',
    });
  });

  it('of what lies in several windows the waits are added, of timers the latest counts', () => {
    expect(judge(host({ 2000: { waited: 0.003 }, 2100: { waited: 0.003 } })).detail).toContain('T_SYS (110 ms): a thread waited');
    expect(judge(host({ 2000: { late: 0.003 }, 2100: { late: 0.0004 } })).ok).toBe(true);
    expect(judge(host({ 2000: { late: 0.007 } })).detail).toBe('T_SYS (110 ms): a timer fired late (7.00 ms)');
  });

  it('T_UPDATE of 6 ms is held to 0.5 ms', () => {
    expect(judge(host({ 2100: { waited: 0.00049 } })).ok).toBe(true);
    expect(judge(host({ 2100: { waited: 0.00051 } })).detail).toContain('T_UPDATE (6.00 ms)');
  });

  it('before the flows there is T_IKE', () => {
    expect(judge(host({ 500: { late: 0.003 } })).detail).toBe('T_IKE (50 ms): a timer fired late (3.00 ms)');
  });

  it('where nothing is measured it does not count', () => {
    expect(judge(host({ 0: { late: 0.5 }, 1200: { waited: 0.1 }, 3000: { waited: 0.1 } })).ok).toBe(true);
  });

  it('steal beyond the step the kernel tells it in', () => {
    expect(judge(host({ 2000: { steal: 0.01 } })).ok).toBe(true);
    expect(judge(host({ 2000: { steal: 0.02 } })).detail).toContain('T_SYS (110 ms): a hypervisor took CPU time (10 ms)');
  });

  it('in a null run a gap that should not be there is what was measured', () => {
    const late = host({ 2500: { late: 0.002 } });
    expect(judge(late, handover({ nullEvent: true })).ok).toBe(true);
    const gap = handover({ nullEvent: true, skip: (seq) => seq === 151 });
    expect(judge(late, gap).detail).toMatch(/^T_STALLED.up \(20 ms\): a timer fired late \(2.00 ms\); T_STALLED.down /);
  });
});

it('without counted waits the timers still tell', () => {
  expect(judge(host({ 2000: { waited: null } })).ok).toBe(true);
  expect(judge(host({ 2000: { waited: null, late: 0.05 } })).ok).toBe(false);
});

it("a guest's clock and another epoch are put right", () => {
  const other = (late: number, at: number, clockAhead: number) => host({ [at]: { late } }, { epoch: EPOCH - 3, clockAhead });
  // 2000 ms of the run are 5000 ms of the record's epoch, or 3800 when the guest is 1200 ms ahead
  expect(judge(other(0.05, 3800, ms(1200))).ok).toBe(false);
  expect(judge(other(0.05, 2000, ms(1200))).ok).toBe(true);
  expect(judge(other(0.05, 3800, ms(-1200))).ok).toBe(true);
});

it('steal and memory pressure of the whole run', () => {
  expect(judge(host({}, { steal: 0.05 })).ok).toBe(true);
  expect(judge(host({}, { steal: 0.07 }))).toMatchObject({ ok: false, detail: 'a hypervisor took 1.4 % of a CPU' });
  const memory = (seconds: number | null) => judge(host({}, { pressure: { cpu: 5, io: 5, memory: seconds } }));
  expect([memory(null).ok, memory(0.04).ok]).toEqual([true, true]);
  expect(memory(0.1).detail).toBe('processes waited for memory 2.0 % of the time');
});

it('a record of nothing', () => {
  expect(judge(host({}, { duration: 0, windows: [] })).ok).toBe(true);
});
