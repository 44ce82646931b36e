/** `roamlab doctor`: what this machine can do, proved by doing it. */
import type { Command } from 'commander';
import { type Diagnosis, diagnose } from '../doctor/index.ts';
import type { ProbeResult } from '../types/probe.ts';
import { options, print, printJson, tell } from './common.ts';
import type { Interrupt } from './interrupt.ts';

function probes(title: string, results: ProbeResult[]): string[] {
  const lines = results.map((r) => {
    const mark = r.ok ? 'ok     ' : 'MISSING';
    return `  ${mark} ${r.name.padEnd(10)} ${r.detail}${r.ok ? '' : `\n          needs ${r.symbol}; without it: ${r.otherwise}`}`;
  });
  return [title, ...lines];
}

function text(diagnosis: Diagnosis): string {
  const lines = [`user: ${diagnosis.root ? 'root' : 'not root (the netns backend needs root, the vm backend does not)'}`];
  for (const { backend, missing, install } of diagnosis.programs) {
    lines.push(
      `programs of the ${backend} backend: ${missing.length === 0 ? 'all there' : `missing ${missing.join(', ')}\n  as root: ${install}`}`,
    );
  }
  lines.push(...probes('this kernel:', diagnosis.host));
  if (diagnosis.guest === null) lines.push(`guest kernel: not probed: ${diagnosis.guestWhy}`);
  else lines.push(...probes('guest kernel:', diagnosis.guest));
  if (diagnosis.acceleration !== null) lines.push(`acceleration: ${diagnosis.acceleration.accelerator} (${diagnosis.acceleration.why})`);
  lines.push(`docker: ${diagnosis.docker.detail}`);
  const { usable } = diagnosis;
  lines.push(
    usable.length === 0 ? 'no backend can run every experiment here' : `backends that run every experiment here: ${usable.join(', ')}`,
  );
  return lines.join('\n');
}

export function doctor(root: Command, interrupt: Interrupt): void {
  root
    .command('doctor')
    .description('prove what this machine can do, and say what is missing')
    .option('--no-guest', 'do not boot a guest')
    .addOption(options.json())
    .addOption(options.quiet())
    .action(async (flags: { guest: boolean; json?: boolean; quiet?: boolean }) => {
      const diagnosis = await diagnose({ guest: flags.guest, signal: interrupt.signal, say: flags.quiet === true ? () => {} : tell });
      if (flags.json === true) printJson(diagnosis);
      else print(text(diagnosis));
      process.exitCode = diagnosis.usable.length > 0 ? 0 : 3;
    });
}
