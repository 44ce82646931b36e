/** Ownership marks: which roamlab process a lab belongs to. A PID alone could be reused; PID and start time cannot. */
import { readdirSync, readFileSync } from 'node:fs';

function startTime(pid: number): string | null {
  try {
    // field 22, counted after the command name, which may hold spaces and parentheses
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

let mine: string | undefined;

/** `<pid>:<start time>` of this process. */
export function ownerMark(): string {
  mine ??= `${process.pid}:${startTime(process.pid) ?? '0'}`;
  return mine;
}

export function ownerAlive(mark: string): boolean {
  const [pid, started] = mark.split(':');
  return startTime(Number(pid)) === started;
}

export interface MarkedProcess {
  pid: number;
  lab: string;
  owner: string;
  command: string;
}

/** Every process on this machine that carries a lab's mark. Reads environments, so it sees others' only as root. */
export function markedProcesses(): MarkedProcess[] {
  const found: MarkedProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const variables = readFileSync(`/proc/${entry}/environ`, 'utf8').split('\0');
      const lab = variables.find((v) => v.startsWith('ROAMLAB_LAB='))?.slice(12);
      const owner = variables.find((v) => v.startsWith('ROAMLAB_OWNER='))?.slice(14);
      if (lab === undefined || owner === undefined) continue;
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      found.push({ pid: Number(entry), lab, owner, command });
    } catch {
      // gone, or not ours to read
    }
  }
  return found;
}
