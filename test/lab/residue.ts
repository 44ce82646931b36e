/** What of ours is left on this machine: read from the kernel, not from what we think we did. */
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { markedProcesses } from '../../src/host/owner.ts';

export interface Residue {
  /** processes with a lab's mark whose owner is one of `owners` */
  processes: string[];
  /** all network interfaces of this namespace */
  interfaces: string[];
  /** named network namespaces of the host */
  named: string[];
  /** mount points */
  mounts: string[];
  /** unix sockets bound to a path */
  sockets: string[];
  /** network namespaces some process or thread is in */
  namespaces: string[];
  /** SAs and policies the kernel counts, or null where it does not say */
  xfrm: string | null;
}

const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

function namespaces(): string[] {
  const found = new Set<string>();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      found.add(readlinkSync(`/proc/${pid}/ns/net`));
    } catch {
      // gone
    }
  }
  return [...found].sort();
}

/** Everything that a lab could leave; compare before and after. */
export function residue(owners: readonly number[] = []): Residue {
  const ours = markedProcesses().filter((p) => owners.includes(Number(p.owner.split(':')[0])));
  return {
    processes: ours.map((p) => `${p.pid} ${p.command}`),
    interfaces: readdirSync('/sys/class/net').sort(),
    named: existsSync('/run/netns') ? readdirSync('/run/netns').sort() : [],
    mounts: read('/proc/self/mounts')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .sort(),
    sockets: read('/proc/net/unix')
      .split('\n')
      .map((line) => line.split(' ').at(-1) ?? '')
      .filter((path) => path.startsWith('/') && /charon|roamlab/.test(path))
      .sort(),
    namespaces: namespaces(),
    xfrm: states(),
  };
}

/** SAs of all namespaces. Each CPU keeps freed ones in slabs that count as used until they are given back. */
function states(): string | null {
  const shrink = '/sys/kernel/slab/xfrm_state/shrink';
  if (process.getuid?.() === 0 && existsSync(shrink)) writeFileSync(shrink, '1');
  return read('/proc/slabinfo').match(/^xfrm_state\s+\d+/m)?.[0] ?? null;
}
