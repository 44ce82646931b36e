/** How fast runs end, and when the last one will have. */
import { quantileSorted } from 'simple-statistics';
import { type LiveState, runsToGo } from './state.ts';

/** The last so many runs say how fast the next ones will be. */
const RECENT = 20;

/**
 * Milliseconds from the end of one run to the end of the next, in the median; null while too few have ended. Guests that work side by
 * side end their runs in bunches, so as many ends are taken together as there are guests; a median, because a cell's first run waits for
 * its snapshot, and because a machine is sometimes busy.
 */
export function pace({ finishes, abreast }: Pick<LiveState, 'finishes' | 'abreast'>): number | null {
  const ends = finishes.slice(-RECENT - abreast);
  const spans = ends.slice(abreast).map((end, i) => (end - ends[i]!) / abreast);
  if (spans.length === 0) return null;
  return quantileSorted(
    spans.sort((a, b) => a - b),
    0.5,
  );
}

/** Milliseconds until the last planned run has ended; null while nothing is known. */
export function timeLeft(state: LiveState): number | null {
  const each = pace(state);
  if (each === null) return null;
  return Math.max(0, each * runsToGo(state) - (state.now - state.finishes.at(-1)!));
}

/** `1:05`, and `1:02:05` from an hour on. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number): string => String(value % 60).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}:${two(seconds)}` : `${Math.floor(minutes / 60)}:${two(minutes)}:${two(seconds)}`;
}
