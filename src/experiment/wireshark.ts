/** What a reader of the captures needs that no Wireshark has: the script that decodes MOBIKE-X. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CellExperiment } from '../types/experiment.ts';

const NAME = 'mobikex.lua';
const SCRIPT = join(import.meta.dirname, '../../images/wireshark', NAME);

/** Writes the script into a results folder when a connection of a cell may speak MOBIKE-X. Throws what the system does. */
export function shipScript(folder: string, cells: readonly CellExperiment[]): void {
  const speaks = cells.some(({ ipsec }) => ipsec.some(({ mobility }) => mobility === 'mobikex'));
  if (speaks) writeFileSync(join(folder, NAME), readFileSync(SCRIPT));
}
