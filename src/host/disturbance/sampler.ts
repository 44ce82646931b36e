/** Readings of the kernel's counters at both ends of each window become its record, and that of the whole watch. */
import type { HostDisturbance, HostWindow } from '../../types/host.ts';
import { nanosecondsSince } from '../libc.ts';
import { type CpuTimes, parseLoad, parsePressure, parseStat, type ThreadTimes } from './proc.ts';
import { readProc, threadTimes } from './threads.ts';

/**
 * What one turn on a CPU may cost without anything being wrong, s: waking an idle CPU, a wake-up that meets another one. A thread of
 * 200 packets/s makes 20 turns per window, which would look like a wait of 1 ms.
 */
const ORDINARY_TURN = 50e-6;

type Pressure = HostDisturbance['pressure'];

export interface Reading {
  /** ns since the sampler's epoch */
  t: number;
  cpu: CpuTimes;
  pressure: Pressure;
  threads: Map<string, ThreadTimes>;
}

/** Reads everything now. */
export function read(roots: readonly number[], epoch: number): Reading {
  const pressure = (what: string) => parsePressure(readProc(`pressure/${what}`) ?? '');
  return {
    t: nanosecondsSince(epoch),
    cpu: parseStat(readProc('stat') ?? ''),
    pressure: { cpu: pressure('cpu'), io: pressure('io'), memory: pressure('memory') },
    threads: threadTimes(roots),
  };
}

/** What a thread did between two readings; one not known before began in between. A number that went back belongs to a new thread. */
function since(before: Reading, after: Reading): ThreadTimes[] {
  return [...after.threads].map(([tid, now]) => {
    const then = before.threads.get(tid);
    if (then === undefined || then.ran > now.ran) return now;
    return { ran: now.ran - then.ran, waited: now.waited - then.waited, turns: now.turns - then.turns };
  });
}

/** Enough digits for the kernel's own resolution, and no more in the file. */
const micro = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;

export class Sampler {
  readonly #first: Reading;
  readonly #epoch: number;
  #last: Reading;
  #own = 0;
  #waited = 0;
  #counted: boolean;
  readonly #windows: HostWindow[] = [];

  constructor(first: Reading, epoch: number) {
    this.#first = first;
    this.#last = first;
    this.#epoch = epoch;
    this.#counted = first.threads.size > 0;
  }

  /** Ends a window. `late` is in seconds. */
  add(reading: Reading, late: number): void {
    const turns = since(this.#last, reading);
    this.#counted ||= turns.length > 0;
    for (const { ran, waited } of turns) {
      this.#own += ran;
      this.#waited += waited;
    }
    const beyond = turns.map(({ waited, turns: count }) => waited - count * ORDINARY_TURN);
    this.#windows.push({
      from: this.#last.t,
      to: reading.t,
      late: micro(late),
      waited: this.#counted ? micro(Math.max(0, ...beyond)) : null,
      steal: micro(reading.cpu.steal - this.#last.cpu.steal),
    });
    this.#last = reading;
  }

  /** The record of everything since the first reading. */
  result(clockAhead: number): HostDisturbance {
    const [a, b] = [this.#first, this.#last];
    const risen = (then: number | null, now: number | null) => (then === null || now === null ? null : micro(now - then));
    return {
      format: 1,
      epoch: this.#epoch,
      clockAhead,
      duration: micro((b.t - a.t) / 1e9),
      cpus: b.cpu.cpus,
      steal: micro(b.cpu.steal - a.cpu.steal),
      pressure: {
        cpu: risen(a.pressure.cpu, b.pressure.cpu),
        io: risen(a.pressure.io, b.pressure.io),
        memory: risen(a.pressure.memory, b.pressure.memory),
      },
      waited: this.#counted ? micro(this.#waited) : null,
      own: this.#counted ? micro(this.#own) : null,
      others: this.#counted ? micro(Math.max(0, b.cpu.busy - a.cpu.busy - this.#own)) : null,
      load: parseLoad(readProc('loadavg') ?? ''),
      windows: this.#windows,
    };
  }
}
