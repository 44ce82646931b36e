/**
 * Ctrl-C and friends: the first asks for a clean end, a second one within the same clean-up ends at once (the kernel then
 * cleans up: every lab dies with this process). npm passes the terminal's SIGINT on a second time, so one that comes
 * within a second of the first is the same one.
 */
export interface Interrupt {
  signal: AbortSignal;
}

const SAME = 1000;

export function interruption(): Interrupt {
  const controller = new AbortController();
  let first = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const now = performance.now();
      if (controller.signal.aborted) {
        if (now - first > SAME) process.exit(130);
        return;
      }
      first = now;
      process.stderr.write('\nroamlab: stopping, please wait\n');
      controller.abort(new Error(`interrupted by ${name}`));
    });
  }
  return { signal: controller.signal };
}
