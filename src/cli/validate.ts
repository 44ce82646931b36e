/** `roamlab validate <file...>`: check experiment files; nothing runs. */
import type { Command } from 'commander';
import { loadExperiment, SpecError } from '../spec/index.ts';
import { RoamlabError } from '../types/errors.ts';
import { options, print, printJson, tell } from './common.ts';

export function validate(root: Command): void {
  root
    .command('validate')
    .description('check experiment files without running anything')
    .argument('<file...>', 'experiment files (YAML)')
    .addOption(options.json())
    .addOption(options.quiet())
    .action(async (files: string[], flags: { json?: boolean; quiet?: boolean }) => {
      const verdicts: { file: string; ok: boolean; cells?: string[]; issues?: unknown[] }[] = [];
      for (const file of files) {
        try {
          const { cells, runs } = await loadExperiment(file);
          verdicts.push({ file, ok: true, cells: cells.map((c) => c.cell) });
          if (flags.json !== true && flags.quiet !== true) print(`${file}: ok, ${cells.length} cell(s), ${runs} runs each`);
        } catch (error) {
          if (!(error instanceof RoamlabError)) throw error;
          const issues = error instanceof SpecError ? error.issues : [{ code: error.code, message: error.message, hint: error.hint }];
          verdicts.push({ file, ok: false, issues });
          tell(error.format());
        }
      }
      if (flags.json === true) printJson(verdicts);
      process.exitCode = verdicts.every((v) => v.ok) ? 0 : 2;
    });
}
