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

/**
 * The times of every thread below `roots`, by thread number; the calling thread is left out. Empty where the kernel does not count
 * (CONFIG_SCHED_INFO). Where it does not list children (CONFIG_PROC_CHILDREN) there are only the roots' own threads.
 */
export function threadTimes(roots: readonly number[]): Map<string, ThreadTimes> {
  const me = readlinkSync('/proc/thread-self').split('/').at(-1);
  const found = new Map<string, ThreadTimes>();
  const processes = new Set(roots.map(String));
  // a set that grows while it is walked is walked to its end
  for (const pid of processes) {
    for (const tid of tasks(pid)) {
      const times = tid === me ? null : parseSchedstat(readProc(`${pid}/task/${tid}/schedstat`) ?? '');
      if (times !== null) found.set(tid, times);
      for (const child of readProc(`${pid}/task/${tid}/children`)?.split(' ') ?? []) if (child.trim() !== '') processes.add(child);
    }
  }
  return found;
}
