/** `doctor`: this machine examined, host kernel and guest kernel, plus what surrounds them. */
import { existsSync } from 'node:fs';
import Docker from 'dockerode';
import { installLine, missingPrograms, PROGRAMS } from '../host/packages.ts';
import { probeFeatures } from '../probes/features.ts';
import type { ProbeResult } from '../types/probe.ts';
import { type Acceleration, chooseAccelerator } from '../vm/accelerator.ts';
import { runGuest } from '../vm/guest-run.ts';
import { ensureImage } from '../vm/image.ts';

export interface Diagnosis {
  root: boolean;
  programs: { backend: 'vm' | 'netns'; missing: string[]; install: string | null }[];
  host: ProbeResult[];
  /** null: no guest could be booted, reason in `guestWhy` */
  guest: ProbeResult[] | null;
  guestWhy: string;
  acceleration: Acceleration | null;
  docker: { ok: boolean; detail: string };
  /** backends that can run every experiment here */
  usable: ('vm' | 'netns')[];
}

const CORE = ['netns', 'veth', 'dummy', 'netem', 'xfrm', 'esp4', 'capture', 'charon'];

async function docker(): Promise<Diagnosis['docker']> {
  if (!existsSync('/var/run/docker.sock')) return { ok: false, detail: 'no Docker engine runs here (only docker nodes would need one)' };
  try {
    const { Version } = await new Docker({ socketPath: '/var/run/docker.sock', timeout: 3000 }).version();
    return { ok: true, detail: `Docker engine ${Version}` };
  } catch (error) {
    return { ok: false, detail: `Docker does not answer: ${(error as Error).message}` };
  }
}

/** Examines everything. `say` hears what is being done; `guest: false` leaves the guest out. Never throws for what is missing. */
export async function diagnose(options: { guest: boolean; signal: AbortSignal; say: (line: string) => void }): Promise<Diagnosis> {
  const programs = (['vm', 'netns'] as const).map((backend) => {
    const missing = missingPrograms(PROGRAMS[backend]);
    return { backend, missing, install: missing.length === 0 ? null : installLine(missing) };
  });
  const root = process.getuid?.() === 0;
  options.say('probing this kernel in a scratch lab');
  const host = await probeFeatures();
  let guest: ProbeResult[] | null = null;
  let guestWhy = 'not asked';
  let acceleration: Acceleration | null = null;
  if (options.guest) {
    try {
      const image = await ensureImage(options.say);
      options.say('booting a kernel under KVM, if there is one');
      acceleration = await chooseAccelerator(image.kernel, { fresh: true });
      options.say(`probing the guest's kernel (${acceleration.accelerator})`);
      await runGuest(
        { runs: [], probe: true },
        {
          image,
          accelerator: acceleration.accelerator,
          signal: options.signal,
          onMessage: (message) => {
            if (message.type === 'probes') guest = message.results;
          },
        },
      );
      guestWhy = '';
    } catch (error) {
      if (options.signal.aborted) throw error;
      guestWhy = (error as Error).message;
    }
  }
  const all = (results: ProbeResult[] | null) =>
    results !== null && CORE.every((name) => results.find((r) => r.name === name)?.ok === true);
  const usable: Diagnosis['usable'] = [...(all(host) ? (['netns'] as const) : []), ...(all(guest) ? (['vm'] as const) : [])];
  return { root, programs, host, guest, guestWhy, acceleration, docker: await docker(), usable };
}
