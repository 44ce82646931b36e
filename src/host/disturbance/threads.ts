/** Which threads a run consists of: those of some processes and of everything these started. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { parseSchedstat, type ThreadTimes } from './proc.ts';

/** A file below /proc; null when there is none, because the kernel lacks it or the process has ended. */
export function readProc(path: string): string | null {
  try {
    return readFileSync(`/proc/${path}`, 'latin1');
  } catch {
    return null;
  }
}

function tasks(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Looking for new threads takes twice as long as reading those that are known. */
const READINGS_PER_SEARCH = 10;

/** The threads below `roots`. Where the kernel does not list children (CONFIG_PROC_CHILDREN) these are only the roots' own. */
export class Threads {
  readonly #roots: string[];
  #known: string[] = [];
  #unsearched = Number.POSITIVE_INFINITY;

  constructor(roots: readonly number[]) {
    this.#roots = roots.map(String);
  }

  /**
   * The times of each thread, by thread number; the calling thread is left out, one that began since the last search is not in it yet
   * (`search`: look for it now). Empty where the kernel does not count (CONFIG_SCHED_INFO).
   */
  read(search = false): Map<string, ThreadTimes> {
    if (search || ++this.#unsearched >= READINGS_PER_SEARCH) {
      this.#known = this.#search();
      this.#unsearched = 0;
    }
    const found = new Map<string, ThreadTimes>();
    for (const tid of this.#known) {
      const times = parseSchedstat(readProc(`${tid}/schedstat`) ?? '');
      if (times !== null) found.set(tid, times);
    }
    return found;
  }

  #search(): string[] {
    const me = readlinkSync('/proc/thread-self').split('/').at(-1);
    const processes = new Set(this.#roots);
    const found: string[] = [];
    // a set that grows while it is walked is walked to its end
    for (const pid of processes) {
      for (const tid of tasks(pid)) {
        if (tid !== me) found.push(tid);
        for (const child of readProc(`${pid}/task/${tid}/children`)?.split(' ') ?? []) if (child.trim() !== '') processes.add(child);
      }
    }
    return found;
  }
}
