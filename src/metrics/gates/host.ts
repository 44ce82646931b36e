/**
 * Nothing on this machine kept the run from its CPUs while something was measured. Only with the real clock, where such a delay
 * becomes part of the number. A warning: a delayed run is slow, not wrong, and leaving slow runs out would flatter the rest.
 */
import type { HostDisturbance, HostWindow } from '../../types/host.ts';
import type { Gate, Nanoseconds } from '../../types/run.ts';
import type { MetricInput } from '../input.ts';

/** What was measured, and when: `value` seconds from `from`, on the clock of the run. */
export interface Span {
  metric: string;
  from: Nanoseconds;
  value: number;
}

/** A delay of more than a twentieth of a number moves it further than the runs of a quiet machine differ. */
const SHARE = 0.05;
/**
 * s. With nothing else to do, a small virtual machine wakes a thread 0.1 to 0.2 ms late, and about one window in fifteen has a wake-up
 * later than this. Numbers under 10 ms are held to it instead of to their twentieth.
 */
const ORDINARY = 0.5e-3;
/** s; the kernel tells steal in steps of this, so one step in a window may have come together before it */
const STEAL_STEP = 0.01;
/** Of the run's time, on one CPU: at 1 % a run of 5 s misses 50 ms, which is half a handover, wherever they fell. */
const STEAL_SHARE = 0.01;
/** Of the run's time. Who waits for memory waits for the disk, and also what runs next to it gets its pages taken. */
const MEMORY_SHARE = 0.01;

const shown = (seconds: number): string => `${(seconds * 1e3).toFixed(seconds < 0.01 ? 2 : 0)} ms`;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Null when nobody watched. */
export function host(input: MetricInput, spans: readonly Span[]): Gate | null {
  const record = input.host;
  if (record === undefined) return null;
  const all = [...spans.map((span) => delayIn(record, input.run.epoch, span)), ...overall(record)];
  const problems = all.filter((problem) => problem !== null);
  const detail = problems.length > 0 ? problems.join('; ') : quiet(record);
  return { name: 'host', ok: problems.length === 0, severity: 'warning', detail };
}

/** What delayed this span for too long; null when nothing did. Windows touch it at both ends, so this errs towards disturbed. */
function delayIn(record: HostDisturbance, epoch: number, { metric, from, value }: Span): string | null {
  const start = from - record.clockAhead + (epoch - record.epoch) * 1e9;
  const end = start + value * 1e9;
  const windows = record.windows.filter((window) => window.to > start && window.from < end);
  const allowed = Math.max(SHARE * value, ORDINARY);
  const waited = sum(windows, (window) => window.waited ?? 0);
  const late = windows.reduce((most, window) => Math.max(most, window.late), 0);
  const stolen = sum(windows, ({ steal }) => steal) - STEAL_STEP;
  const most = Math.max(waited, late, stolen);
  if (most <= allowed) return null;
  const what = most === waited ? 'a thread waited for a CPU' : most === late ? 'a timer fired late' : 'a hypervisor took CPU time';
  return `${metric} (${shown(value)}): ${what} (${shown(most)})`;
}

function overall({ duration, steal, pressure }: HostDisturbance): string[] {
  const problems: string[] = [];
  if (steal - STEAL_STEP > STEAL_SHARE * duration) problems.push(`a hypervisor took ${percent(steal / duration)} of a CPU`);
  const memory = pressure.memory ?? 0;
  if (memory > MEMORY_SHARE * duration) problems.push(`processes waited for memory ${percent(memory / duration)} of the time`);
  return problems;
}

function quiet({ windows, duration, steal }: HostDisturbance): string {
  const late = windows.reduce((most, window) => Math.max(most, window.late), 0);
  return `timers at most ${shown(late)} late in the whole run, ${percent(duration > 0 ? steal / duration : 0)} of a CPU stolen`;
}

function sum(windows: readonly HostWindow[], of: (window: HostWindow) => number): number {
  return windows.reduce((total, window) => total + of(window), 0);
}
