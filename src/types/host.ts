/**
 * What this machine did to a run while the clock was real: `host.json` in the run folder, beside run.json. It is about the host, not
 * about the experiment, so with the virtual clock, where the host cannot reach the measurement, there is no such file.
 */
import type { Nanoseconds } from './run.ts';

/** A stretch of the watch, 20 ms or, in a run of many threads, longer. Seconds within it. */
export interface HostWindow {
  /** CLOCK_REALTIME of the host, ns since the record's `epoch` */
  from: Nanoseconds;
  to: Nanoseconds;
  /** how much too late, at most, an ordinary thread woke that sleeps 1 ms at a time */
  late: number;
  /**
   * how long the thread of the run that waited longest for a CPU did so, in sum, without the 50 us that each of its turns on a CPU may
   * cost anywhere, and without threads whose lateness is in no number, such as tcpdump's; null where the kernel does not count it
   * (CONFIG_SCHED_INFO)
   */
  waited: number | null;
  /** time a hypervisor gave this machine's CPUs to others, all CPUs together; the kernel tells it in steps of 10 ms */
  steal: number;
}

/** Seconds, of the whole watch. */
export interface HostDisturbance {
  format: 1;
  /** Unix second the times of the windows count from */
  epoch: number;
  /** ns by which the clock of the run is ahead of this machine's: 0 for the netns backend, a guest has a clock of its own */
  clockAhead: Nanoseconds;
  duration: number;
  /** CPUs this machine has */
  cpus: number;
  /** as in the windows: of all CPUs together */
  steal: number;
  /** time in which some process of the machine stood waiting for it (`some` in /proc/pressure); null: the kernel does not count it */
  pressure: { cpu: number | null; io: number | null; memory: number | null };
  /** waiting for a CPU, all threads of the run together, ordinary turns included; null: not counted */
  waited: number | null;
  /** CPU time of the run's processes; null: not counted */
  own: number | null;
  /** CPU time of everything else, the kernel's own work for the run's packets included; null: not counted */
  others: number | null;
  /** load average over the last minute, at the end */
  load: number;
  windows: HostWindow[];
}
