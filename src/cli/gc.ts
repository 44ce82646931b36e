/** `roamlab gc`: report, and remove, what is ours and no longer of use. Only marked things are touched. */
import { rmSync } from 'node:fs';
import type { Command } from 'commander';
import { cacheEntries } from '../host/cache.ts';
import { markedProcesses, ownerAlive } from '../host/owner.ts';
import { options, print, printJson, wholeNumber } from './common.ts';

interface Flags {
  json?: boolean;
  dryRun?: boolean;
  days: number;
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
    .description('end processes of labs whose roamlab is gone, remove abandoned drafts and cache entries not used for some days')
    .option('--days <n>', 'age of cache entries that go', wholeNumber(0), 30)
    .option('--dry-run', 'only say what would go')
    .addOption(options.json())
    .action((flags: Flags) => {
      const orphans = markedProcesses().filter((p) => !ownerAlive(p.owner));
      const stale = cacheEntries().filter((e) => e.abandoned || (e.age >= flags.days && !e.name.endsWith('.tmp')));
      if (flags.dryRun !== true) {
        for (const { pid } of orphans) end(pid);
        for (const { path } of stale) rmSync(path, { recursive: true, force: true });
      }
      if (flags.json === true) return printJson({ orphans, cache: stale, removed: flags.dryRun !== true });
      const verb = flags.dryRun === true ? 'would go' : 'removed';
      for (const p of orphans) print(`${verb}: process ${p.pid} of lab ${p.lab}: ${p.command}`);
      for (const e of stale) print(`${verb}: ${e.path} (${e.abandoned ? 'abandoned draft' : `last used ${Math.floor(e.age)} days ago`})`);
      if (orphans.length + stale.length === 0) print('nothing of ours is left over');
    });
}
