/** `roamlab run <file>`: the main job. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { type RunOptions, runExperiment } from '../experiment/index.ts';
import { renderTerminal, styleFor } from '../report/index.ts';
import { options, print, printJson, tell } from './common.ts';
import type { Interrupt } from './interrupt.ts';
import { progressReporter } from './progress.ts';
import { verdictOf } from './verdict.ts';

interface Flags extends Pick<RunOptions, 'runs' | 'seed' | 'backend' | 'clock' | 'out'> {
  json?: boolean;
  quiet?: boolean;
}

export function run(root: Command, interrupt: Interrupt): void {
  root
    .command('run')
    .description('run an experiment and report quartiles')
    .argument('<file>', 'experiment file (YAML)')
    .addOption(options.runs())
    .addOption(options.seed())
    .addOption(options.backend())
    .addOption(options.clock())
    .addOption(options.out())
    .addOption(options.json())
    .addOption(options.quiet())
    .action(async (file: string, flags: Flags) => {
      const { json, quiet, ...rest } = flags;
      const summary = await runExperiment(file, {
        ...rest,
        signal: interrupt.signal,
        onProgress: progressReporter(process.stderr, quiet === true),
      });
      const report = `report: ${join(summary.folder, 'report.html')}`;
      if (json === true) printJson(summary);
      else print(`${renderTerminal(summary, styleFor(process.stdout, process.env))}${report}`);
      if (json === true && quiet !== true) tell(report);
      process.exitCode = verdictOf(summary);
    });
}
