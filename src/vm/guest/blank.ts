/** Free memory made of zeros, so that a stored guest is as small as what it uses. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { run } from '../../host/command.ts';

/** Left alone: the kernel needs some memory to work with while the rest is taken. */
const SPARE = 64 << 20;
const CHUNK = Buffer.alloc(4 << 20);

function freeMemory(): number {
  return Number(/^MemFree:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;
}

/** Takes nearly all free memory as a file of zeros, and gives it back. */
export async function blankFreeMemory(): Promise<void> {
  await run(['mount', '-o', 'remount,size=100%', '/results']);
  const path = '/results/blank';
  const file = openSync(path, 'w');
  while (freeMemory() > SPARE) writeSync(file, CHUNK);
  closeSync(file);
  rmSync(path);
}
