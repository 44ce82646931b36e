/** `roamlab analyze <path...>`: recompute everything from a results folder, a run folder, or foreign captures. No root. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { analyzeExperiment, analyzeForeign, analyzeRun, renderForeign, renderTerminal, styleFor } from '../report/index.ts';
import { RoamlabError } from '../types/errors.ts';
import { options, print, printJson, tell } from './common.ts';
import type { Interrupt } from './interrupt.ts';
import { verdictOf } from './verdict.ts';

interface Flags {
  json?: boolean;
  quiet?: boolean;
  keys?: string;
}

async function results(folder: string, flags: Flags): Promise<void> {
  const summary = await analyzeExperiment(folder, {
    onProgress: (done, total, name) => {
      if (flags.quiet !== true) tell(`${done}/${total} ${name}`);
    },
  });
  if (flags.json === true) printJson(summary);
  else print(renderTerminal(summary, styleFor(process.stdout, process.env)));
  process.exitCode = verdictOf(summary);
}

async function oneRun(folder: string): Promise<void> {
  const facts = await analyzeRun(folder);
  printJson(facts); // one run has no quartiles; its facts are the answer for people, too
  process.exitCode = facts.valid ? 0 : 1;
}

export function analyze(root: Command, interrupt: Interrupt): void {
  root
    .command('analyze')
    .description('recompute every number from files alone: a results folder, one run folder, or any pcap/pcapng files')
    .argument('<path...>', 'results folder, run folder, or capture files')
    .option('--keys <folder>', 'folder with ikev2_decryption_table and esp_sa, for foreign captures')
    .addOption(options.json())
    .addOption(options.quiet())
    .action(async (paths: string[], flags: Flags) => {
      interrupt.signal.throwIfAborted();
      const [first = ''] = paths;
      for (const path of paths) {
        if (!existsSync(path)) throw new RoamlabError('E_FILE_MISSING', 2, 'no such file or folder', { where: path });
        const kind = statSync(path);
        // a pipe would wait for its writer
        if (!kind.isFile() && !kind.isDirectory()) {
          throw new RoamlabError('E_FILE_KIND', 2, 'neither a regular file nor a folder', { where: path });
        }
      }
      if (paths.length === 1 && existsSync(join(first, 'experiment.json'))) return results(first, flags);
      if (paths.length === 1 && existsSync(join(first, 'run.json'))) return oneRun(first);
      const folder = paths.find((path) => statSync(path).isDirectory());
      if (folder !== undefined) {
        throw new RoamlabError('E_FOLDER_READ', 2, 'neither a results folder (experiment.json) nor a run folder (run.json)', {
          where: folder,
        });
      }
      const report = await analyzeForeign(paths, flags.keys);
      if (flags.json === true) printJson(report);
      else print(renderForeign(report, styleFor(process.stdout, process.env)));
    });
}
