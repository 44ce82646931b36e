/** `roamlab diff A B`: are two runs the same, and if not, where do they part? */
import { type Command, Option } from 'commander';
import { type CompareOptions, compareRuns, renderComparison } from '../compare/index.ts';
import { styleFor } from '../report/index.ts';
import { options, print, printJson } from './common.ts';
import type { Interrupt } from './interrupt.ts';

interface Flags extends Pick<CompareOptions, 'run' | 'cell' | 'view'> {
  json?: boolean;
}

export function diff(root: Command, interrupt: Interrupt): void {
  root
    .command('diff')
    .description('compare two runs: identical, or the first differing packet, event and line; else their handovers side by side')
    .argument('<A>', 'run folder, or results folder with --run')
    .argument('<B>', 'the same')
    .addOption(options.run())
    .addOption(options.cell())
    .addOption(
      new Option('--view <which>', 'bytes: where octets part; event: what happened, counted from the event').choices(['bytes', 'event']),
    )
    .addOption(options.json())
    .addHelpText('after', '\nExit codes: 0 identical, 1 not identical, 2 the input is wrong.')
    .action(async (a: string, b: string, { json, ...rest }: Flags) => {
      const comparison = await compareRuns(a, b, { ...rest, signal: interrupt.signal });
      if (json === true) printJson(comparison);
      else print(renderComparison(comparison, styleFor(process.stdout, process.env)));
      process.exitCode = comparison.identical ? 0 : 1;
    });
}
