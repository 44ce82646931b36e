/** The kernel's counters about CPUs and who waits for them, from the text of its /proc files. Seconds everywhere. */

/** /proc/stat counts in USER_HZ, which is 100 on every architecture Linux has (asm/param.h) */
export const TICK = 0.01;

export interface CpuTimes {
  /** anything but idle, waiting for a disk, and stolen */
  busy: number;
  /** a hypervisor ran somebody else; 0 on hardware */
  steal: number;
  cpus: number;
}

/** /proc/stat, all CPUs together (proc_stat(5)); `guest` time is already in `user`. Throws RangeError on other text. */
export function parseStat(text: string): CpuTimes {
  const fields = /^cpu +(.*)$/m.exec(text)?.[1]?.split(/ +/).map(Number) ?? [];
  const [user, nice, system, _idle, _iowait, irq = 0, softirq = 0, steal = 0] = fields;
  const busy = ((user ?? Number.NaN) + (nice ?? Number.NaN) + (system ?? Number.NaN) + irq + softirq) * TICK;
  if (!Number.isFinite(busy + steal)) throw new RangeError(`/proc/stat without a line of CPU times: ${text.slice(0, 100)}`);
  return { busy, steal: steal * TICK, cpus: text.match(/^cpu\d+ /gm)?.length ?? 1 };
}

/** `some ... total=` of a file in /proc/pressure (Documentation/accounting/psi.rst), counted in us; null when it says nothing. */
export function parsePressure(text: string): number | null {
  const total = /^some .*\btotal=(\d+)/m.exec(text)?.[1];
  return total === undefined ? null : Number(total) / 1e6;
}

export interface ThreadTimes {
  ran: number;
  /** ready to run, but on no CPU */
  waited: number;
  /** how often it got a CPU */
  turns: number;
}

/** /proc/<pid>/task/<tid>/schedstat (Documentation/scheduler/sched-stats.rst), counted in ns; null when it says nothing. */
export function parseSchedstat(text: string): ThreadTimes | null {
  const match = /^(\d+) (\d+) (\d+)\s*$/.exec(text);
  return match === null ? null : { ran: Number(match[1]) / 1e9, waited: Number(match[2]) / 1e9, turns: Number(match[3]) };
}

/** The first number of /proc/loadavg: over one minute. */
export function parseLoad(text: string): number {
  return Number.parseFloat(text) || 0;
}
