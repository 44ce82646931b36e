/**
 * The first SA of each kind on a freshly booted kernel costs about 190 ms more than the next: the kernel assembles the cipher (authenc,
 * echainiv...) and asks user space for modules that do not exist. So every kind of IPsec connection is set up once, unmeasured,
 * before the first run.
 */
import { rmSync } from 'node:fs';
import type { CellExperiment } from '../types/experiment.ts';
import { executeRun, type Surroundings } from './execute.ts';

/** One bare run per combination of proposals and modes in `cells`; `folder` is used and removed. */
export async function warmUp(cells: readonly CellExperiment[], folder: string, surroundings: Surroundings): Promise<void> {
  const kinds = new Map<string, CellExperiment>();
  for (const cell of cells) {
    const kind = cell.ipsec.map((c) => `${c.mode} ${c.ike} ${c.esp}`).join(', ');
    if (kind !== '') kinds.set(kind, cell);
  }
  for (const cell of kinds.values()) {
    const bare: CellExperiment = { ...cell, flows: [], timeline: [], captures: [], duration: 0 };
    await executeRun({ cell: bare, run: 0, nullEvent: true, seed: 0, folder }, surroundings);
    rmSync(folder, { recursive: true, force: true });
  }
}
