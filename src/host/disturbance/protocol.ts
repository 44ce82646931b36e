/** Between a watch and its thread. */
import type { HostDisturbance } from '../../types/host.ts';

export type WatchCommand =
  /** watches until `stop[0]` is not 0; who sets it wakes the thread */
  { do: 'watch'; roots: readonly number[]; stop: Int32Array } | { do: 'report'; clockAhead: number };

export type WatchAnswer = { did: 'watching' } | { did: 'watched'; host: HostDisturbance } | { did: 'failed'; message: string };
