/** Kernel settings of the calling thread's network namespace: /proc/sys/net shows each thread its own. */
import { writeFileSync } from 'node:fs';

/** `[name, value]` as sysctl(8) takes them; only names under `net.`, which are per namespace. */
export type Setting = readonly [name: `net.${string}`, value: string];

/** The command that does the same. */
export const settingsCommand = (settings: readonly Setting[]): string[] => ['sysctl', '-q', '-w', ...settings.map((s) => s.join('='))];

/** Throws what the kernel said. */
export function writeSettings(settings: readonly Setting[]): void {
  for (const [name, value] of settings) writeFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, value, { flag: 'r+' });
}
