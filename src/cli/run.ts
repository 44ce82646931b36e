/** `roamlab run <file>`: the main job. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Progress, type RunOptions, runExperiment } from '../experiment/index.ts';
import { renderTerminal, styleFor } from '../report/index.ts';
import { type CPU_RATES, instructionsPerSecond } from '../spec/index.ts';
import type { Summary } from '../types/run.ts';
import { options, print, printJson, tell } from './common.ts';
import { howToGoOn } from './go-on.ts';
import type { Interrupt } from './interrupt.ts';
import { progressReporter } from './progress.ts';
import { verdictOf } from './verdict.ts';

interface Flags extends Pick<RunOptions, 'runs' | 'untilCi' | 'seed' | 'backend' | 'clock' | 'out' | 'resume'> {
  cpuRate?: (typeof CPU_RATES)[number];
  json?: boolean;
  quiet?: boolean;
}

export function run(root: Command, interrupt: Interrupt): void {
  root
    .command('run')
    .description('run an experiment and report quartiles')
    .argument('<file>', 'experiment file (YAML)')
    .addOption(options.runs())
    .addOption(options.untilCi())
    .addOption(options.seed())
    .addOption(options.backend())
    .addOption(options.clock())
    .addOption(options.cpuRate())
    .addOption(options.out())
    .addOption(options.resume())
    .addOption(options.json())
    .addOption(options.quiet())
    .action(async (file: string, flags: Flags) => {
      const { json, quiet, cpuRate, ...rest } = flags;
      const rate = cpuRate === undefined ? {} : { cpuRate: instructionsPerSecond(cpuRate) };
      const { report, end } = progressReporter(process.stderr, { quiet: quiet === true, env: process.env });
      let folder: string | null = null;
      const onProgress = (progress: Progress) => {
        if (progress.type === 'runs') folder = progress.folder;
        report(progress);
      };
      let summary: Summary;
      try {
        summary = await runExperiment(file, { ...rest, ...rate, signal: interrupt.signal, onProgress });
        end(true);
      } catch (error) {
        end(false);
        if (folder !== null) tell(howToGoOn(folder, process.argv.slice(2)));
        throw error;
      }
      const page = `report: ${join(summary.folder, 'report.html')}`;
      if (json === true) printJson(summary);
      else print(`${renderTerminal(summary, styleFor(process.stdout, process.env))}${page}`);
      if (json === true && quiet !== true) tell(page);
      process.exitCode = verdictOf(summary);
    });
}
