/** What a reader must know before holding a number against a paper's; the terminal and the page say it in the same words. */
import type { Provenance } from '../types/run.ts';

export const CLOCK_NOTE =
  'the clock is virtual (1 instruction = 1 ns), and so is the share of computing in it: not comparable with a paper\u2019s hardware';

export const ARP_NOTE = 'includes address resolution (ARP) where the interface was idle before the probe';

export const DISTURBED_NOTE =
  'disturbed: this machine kept the run from a CPU, while something was measured, for longer than a twentieth of the number (or 0.5 ms)';

export const NOISE_HINT =
  'too noisy: repeat it on a machine that does nothing else, or with the virtual clock (--clock virtual), or with more runs if few were disturbed';

export function isVirtual({ clock }: Provenance): boolean {
  return clock === 'virtual';
}
