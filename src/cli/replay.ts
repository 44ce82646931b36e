/** `roamlab replay <folder>`: carries out one stored run again and says whether it is the same. */
import type { Command } from 'commander';
import { compareRuns, renderComparison } from '../compare/index.ts';
import { runFoldersOf } from '../compare/resolve.ts';
import { replayRun } from '../experiment/index.ts';
import { styleFor } from '../report/index.ts';
import { options, print, printJson, runChoice, tell } from './common.ts';
import type { Interrupt } from './interrupt.ts';

interface Flags {
  run?: number | 'null';
  cell?: string;
  out?: string;
  json?: boolean;
  quiet?: boolean;
}

export function replay(root: Command, interrupt: Interrupt): void {
  root
    .command('replay')
    .description('carry out one stored run again and compare: identical, or the first differing packet and event')
    .argument('<folder>', 'run folder, or results folder with --run')
    .addOption(options.run())
    .addOption(options.cell())
    .option('--out <folder>', 'keep the new run in this results folder')
    .addOption(options.json())
    .addOption(options.quiet())
    .addHelpText('after', '\nExit codes: 0 identical, 1 not identical, 2 the input is wrong, 3 this machine lacks something.')
    .action(async (path: string, { run, cell, out, json, quiet }: Flags) => {
      const say = (line: string) => {
        if (quiet !== true) tell(line);
      };
      const [folder] = await runFoldersOf(path, path, runChoice({ run, cell }));
      say(`replaying ${folder}`);
      const replayed = await replayRun(folder, { signal: interrupt.signal, onNote: say, ...(out === undefined ? {} : { out }) });
      try {
        if (replayed.differs !== null) say(`the same octets are not promised: ${replayed.differs}`);
        const comparison = await compareRuns(folder, replayed.folder, { signal: interrupt.signal });
        if (json === true) printJson({ ...comparison, differs: replayed.differs });
        else print(renderComparison(comparison, styleFor(process.stdout, process.env)));
        if (!comparison.identical && replayed.differs === null)
          say('made anew since, the stored guest of this cell may be another one: docs/virtual-time.md');
        if (!comparison.identical && out === undefined) say('--out <folder> keeps the new run');
        process.exitCode = comparison.identical ? 0 : 1;
      } finally {
        if (out === undefined) replayed.remove();
      }
    });
}
