/** Waiting for an instant of the captures' clock. */
import { setTimeout as delay } from 'node:timers/promises';
import { nanosecondsSince } from '../host/libc.ts';
import type { Nanoseconds } from '../types/run.ts';
import type { RunContext } from './context.ts';

/** Returns at `t` or as soon after it as the event loop allows; throws when aborted. */
export async function until(context: RunContext, t: Nanoseconds, signal: AbortSignal): Promise<void> {
  for (;;) {
    const left = (t - nanosecondsSince(context.epoch)) / 1e6;
    if (left <= 0) return;
    await delay(Math.max(0, left - 0.5), undefined, { signal });
  }
}
