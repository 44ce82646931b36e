/** A guest with the virtual clock in which one of the helpers is killed once the run has begun. */
import { readdirSync, readFileSync } from 'node:fs';
import { control } from '../../../src/vm/guest/controller.ts';

const DELAY = 2000;

function commandOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // gone
  }
}

await control(() => {
  const isHelper = (pid: string) => /^\d+$/.test(pid) && commandOf(pid)[1]?.endsWith('/helper.mjs') === true;
  const [helper] = readdirSync('/proc').filter(isHelper);
  if (helper === undefined) throw new Error('no helper');
  setTimeout(() => process.kill(Number(helper), 'SIGKILL'), DELAY);
});
