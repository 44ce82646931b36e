/** `roamlab gc`: report, and remove, what is ours and no longer of use. Only marked things are touched. */
import { rmSync } from 'node:fs';
import type { Command } from 'commander';
import { markedProcesses, ownerAlive } from '../host/owner.ts';
import { LIMITS, sizedEntries, surplus } from '../host/trim.ts';
import { options, print, printJson, wholeNumber } from './common.ts';

interface Flags {
  json?: boolean;
  dryRun?: boolean;
  days: number;
  guests: number;
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // gone by itself
  }
}

export function gc(root: Command): void {
  root
    .command('gc')
    .description('end processes of labs whose roamlab is gone, remove abandoned drafts, old cache entries, and stored guests beyond a size')
    .option('--days <n>', 'age of cache entries that go', wholeNumber(0), LIMITS.days)
    .option('--guests <GB>', 'space for stored guests', wholeNumber(0), LIMITS.guestBytes / 1e9)
    .option('--dry-run', 'only say what would go')
    .addOption(options.json())
    .action((flags: Flags) => {
      const orphans = markedProcesses().filter((p) => !ownerAlive(p.owner));
      const stale = surplus(sizedEntries(), { days: flags.days, guestBytes: flags.guests * 1e9 });
      if (flags.dryRun !== true) {
        for (const { pid } of orphans) end(pid);
        for (const { entry } of stale) rmSync(entry.path, { recursive: true, force: true });
      }
      if (flags.json === true)
        return printJson({ orphans, cache: stale.map(({ entry, why }) => ({ ...entry, why })), removed: flags.dryRun !== true });
      const verb = flags.dryRun === true ? 'would go' : 'removed';
      for (const p of orphans) print(`${verb}: process ${p.pid} of lab ${p.lab}: ${p.command}`);
      for (const { entry, why } of stale) print(`${verb}: ${entry.path} (${why})`);
      if (orphans.length + stale.length === 0) print('nothing of ours is left over');
    });
}
