/** Waiting for conditions, never for time alone. */
import { setTimeout as delay } from 'node:timers/promises';
import { RoamlabError } from '../types/errors.ts';

/**
 * Polls `condition` until it yields something other than null/undefined/false.
 * Throws RoamlabError E_TIMEOUT (exit 1) naming `what` after `timeout` ms.
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  { timeout = 15_000, interval = 10, signal }: { timeout?: number; interval?: number; signal?: AbortSignal } = {},
): Promise<T> {
  const end = performance.now() + timeout;
  for (;;) {
    signal?.throwIfAborted();
    const value = await condition();
    if (value !== null && value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new RoamlabError('E_TIMEOUT', 1, `waited ${timeout / 1000} s for ${what}`);
    await delay(interval);
  }
}
