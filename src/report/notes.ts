/** What a reader must know before holding a number against a paper's; the terminal and the page say it in the same words. */
import type { Provenance } from '../types/run.ts';

export const CLOCK_NOTE =
  'the clock is virtual (1 instruction = 1 ns), and so is the share of computing in it: not comparable with a paper\u2019s hardware';

export const ARP_NOTE = 'includes address resolution (ARP) where the interface was idle before the probe';

export function isVirtual({ clock }: Provenance): boolean {
  return clock === 'virtual';
}
