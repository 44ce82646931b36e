/** One guest with the real clock and one job, from power-on to its last word. */
import { availableParallelism } from 'node:os';
import { ensureRuntime, overlay } from './bundle.ts';
import { charonArchive } from './charon-archive.ts';
import { type Attention, Guest } from './guest.ts';
import type { Image } from './image.ts';
import type { GuestJob } from './protocol.ts';

export interface GuestOptions extends Pick<Attention, 'signal' | 'onMessage' | 'silence'> {
  image: Image;
  accelerator: 'kvm' | 'tcg';
  /** tree of the patched strongSwan, for runs that need it */
  patchedRoot?: string | undefined;
  /** MiB */
  memory?: number;
  cpus?: number;
  /** TypeScript file the guest runs instead of its controller */
  main?: string;
  /** told the process of QEMU */
  onProcess?: (pid: number) => void;
}

/** MiB of a guest: its root (240), the programs of a small lab, and room for captures. */
export const GUEST_MEMORY = 1536;

/** Boots a guest, returns when it has said `bye`. Throws E_GUEST* (exit 1), or the guest's own error. */
export async function runGuest(job: GuestJob, options: GuestOptions): Promise<void> {
  const { signal, onMessage, silence, image, accelerator } = options;
  signal.throwIfAborted();
  const charon = options.patchedRoot === undefined ? [] : [await charonArchive(options.patchedRoot)];
  const initrd = [image.initrd, await ensureRuntime(), await overlay(job, options.main), ...charon];
  const cpus = options.cpus ?? Math.min(2, availableParallelism());
  const machine = { clock: 'real' as const, accelerator, cpus, memory: options.memory ?? GUEST_MEMORY, kernel: image.kernel, initrd };
  const guest = new Guest(machine, { signal, onMessage, silence });
  try {
    if (guest.pid !== undefined) options.onProcess?.(guest.pid);
    await guest.outcome;
  } finally {
    await guest.end();
  }
}
