/** A machine with other things to do. */
import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { onTestFinished } from 'vitest';

/** A busy loop per core until the returned function is called, or the test ends. */
export function keepBusy(): () => void {
  const loops: ChildProcess[] = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  const stop = () => {
    for (const loop of loops) loop.kill('SIGKILL');
  };
  onTestFinished(stop);
  return stop;
}
