/** `roamlab plan <file>`: every step of a run as commands a reader can paste. */
import type { Command } from 'commander';
import { plannedRuns } from '../experiment/index.ts';
import { planText, runPlan } from '../plan/index.ts';
import { loadExperiment } from '../spec/index.ts';
import { RoamlabError } from '../types/errors.ts';
import { options, print, printJson } from './common.ts';

export function plan(root: Command): void {
  root
    .command('plan')
    .description('print every step `run` would execute, as commands a reader can paste')
    .argument('<file>', 'experiment file (YAML)')
    .option('--cell <name>', 'only this cell')
    .option('--null', 'the null run instead of an event run')
    .addOption(options.seed())
    .addOption(options.json())
    .action(async (file: string, flags: { cell?: string; null?: boolean; seed?: number; json?: boolean }) => {
      const experiment = await loadExperiment(file);
      const cells = experiment.cells.filter((cell) => flags.cell === undefined || cell.cell === flags.cell);
      if (cells.length === 0) {
        const known = experiment.cells.map((cell) => cell.cell).join(', ');
        throw new RoamlabError('E_CELL', 2, `no cell ${JSON.stringify(flags.cell)} in ${file}`, { hint: `cells: ${known}` });
      }
      const nullEvent = flags.null === true;
      const runs = plannedRuns(cells, 1, flags.seed ?? experiment.seed).filter((run) => run.nullEvent === nullEvent);
      if (flags.json === true) {
        const psk = (name: string) => `<psk of ${name}>`;
        printJson(
          runs.map((r) => ({ cell: r.cell.cell, seed: r.seed, plan: runPlan(r.cell, { seed: r.seed, netemSeed: true, nullEvent, psk }) })),
        );
      } else print(runs.map((r) => planText(r.cell, r.seed, { nullEvent })).join('\n'));
    });
}
