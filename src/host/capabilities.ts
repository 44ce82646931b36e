/** What the tools of this machine can do, where it changes how a run is planned. */
import { join } from 'node:path';
import { run } from './command.ts';
import { programPath } from './packages.ts';
import { executable } from './path.ts';

export interface Capabilities {
  /** netem takes a `seed`: iproute2 and kernel 6.6 or newer */
  netemSeed: boolean;
  /** path of the charon executable; null = none found */
  charon: string | null;
  /** the same of the build with patches */
  patchedCharon: string | null;
}

/** Where a guest has the patched build. */
export const PATCHED_ROOT = '/opt/roamlab-strongswan';

/** tc prints netem's usage with or without [ seed SEED ]; the kernel part is proved by `doctor`. */
export async function capabilities(patchedRoot = PATCHED_ROOT): Promise<Capabilities> {
  const help = await run(['tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'help'], { allow: [0, 1, 2, 255] });
  const patched = join(patchedRoot, 'libexec/ipsec/charon');
  return {
    netemSeed: /\bseed\b/i.test(help.stderr + help.stdout),
    charon: programPath('charon'),
    patchedCharon: executable(patched) ? patched : null,
  };
}
