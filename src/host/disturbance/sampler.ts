/** Readings of the kernel's counters at both ends of each window become its record, and that of the whole watch. */
import type { HostDisturbance, HostWindow } from '../../types/host.ts';
import type { CpuTimes, ThreadTimes } from './proc.ts';

/**
 * What one turn on a CPU may cost without anything being wrong, s: waking an idle CPU, a wake-up that meets another one. A thread of
 * 200 packets/s makes 4 turns per window, which would look like a wait of 0.2 ms.
 */
const ORDINARY_TURN = 50e-6;

/** Threads whose lateness is in no number, by name: the kernel stamps what tcpdump only writes down; Node's own helpers; who starts a program. */
const BYSTANDERS = new Set(['tcpdump', 'MainThread', 'V8Worker', 'libuv-worker', 'SignalInspector', 'nsenter', 'unshare']);

export interface Reading {
  /** ns since the sampler's epoch */
  t: number;
  cpu: CpuTimes;
  threads: Map<string, ThreadTimes>;
}

/** What is only read at both ends of a watch: in these, seconds, null where the kernel does not count. */
export type Pressure = HostDisturbance['pressure'];

/** What each thread did between two readings; one not known before began in between. A number that went back belongs to a new thread. */
function since(before: Reading, after: Reading): [tid: string, times: ThreadTimes][] {
  return [...after.threads].map(([tid, now]) => {
    const then = before.threads.get(tid);
    if (then === undefined || then.ran > now.ran) return [tid, now];
    return [tid, { ran: now.ran - then.ran, waited: now.waited - then.waited, turns: now.turns - then.turns }];
  });
}

/** Enough digits for the kernel's own resolution, and no more in the file. */
const micro = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;

export class Sampler {
  readonly #first: Reading;
  readonly #epoch: number;
  readonly #nameOf: (tid: string) => string;
  #last: Reading;
  #own = 0;
  #waited = 0;
  #counted: boolean;
  readonly #windows: HostWindow[] = [];

  /** `nameOf`: the name a thread has now, asked only of those that waited. */
  constructor(first: Reading, epoch: number, nameOf: (tid: string) => string) {
    this.#first = first;
    this.#last = first;
    this.#epoch = epoch;
    this.#nameOf = nameOf;
    this.#counted = first.threads.size > 0;
  }

  /** Ends a window. `late` is in seconds. */
  add(reading: Reading, late: number): void {
    const turns = since(this.#last, reading);
    this.#counted ||= turns.length > 0;
    for (const [, { ran, waited }] of turns) {
      this.#own += ran;
      this.#waited += waited;
    }
    this.#windows.push({
      from: this.#last.t,
      to: reading.t,
      late: micro(late),
      waited: this.#counted ? micro(this.#longestWait(turns)) : null,
      steal: micro(reading.cpu.steal - this.#last.cpu.steal),
    });
    this.#last = reading;
  }

  #longestWait(turns: [string, ThreadTimes][]): number {
    const waits = turns.map(([tid, { waited, turns: count }]) => ({ tid, beyond: waited - count * ORDINARY_TURN }));
    const long = waits.filter(({ beyond }) => beyond > ORDINARY_TURN).sort((a, b) => b.beyond - a.beyond);
    return long.find(({ tid }) => !BYSTANDERS.has(this.#nameOf(tid)))?.beyond ?? 0;
  }

  /** The record of everything since the first reading; `load` is the load average. */
  result(clockAhead: number, pressure: { before: Pressure; after: Pressure }, load: number): HostDisturbance {
    const [a, b] = [this.#first, this.#last];
    const { before, after } = pressure;
    const risen = (what: keyof Pressure) => {
      const [then, now] = [before[what], after[what]];
      return then === null || now === null ? null : micro(now - then);
    };
    return {
      format: 1,
      epoch: this.#epoch,
      clockAhead,
      duration: micro((b.t - a.t) / 1e9),
      cpus: b.cpu.cpus,
      steal: micro(b.cpu.steal - a.cpu.steal),
      pressure: { cpu: risen('cpu'), io: risen('io'), memory: risen('memory') },
      waited: this.#counted ? micro(this.#waited) : null,
      own: this.#counted ? micro(this.#own) : null,
      others: this.#counted ? micro(Math.max(0, b.cpu.busy - a.cpu.busy - this.#own)) : null,
      load,
      windows: this.#windows,
    };
  }
}
