/**
 * T_SYS: t0 until the MN sends the first packet from a new address, IKE or protected data (without IPsec: data). ARP, neighbour
 * discovery and multicast do not count: they are neither, nor do probes of idle paths and the end of an association (path.ts). Includes the daemon's own waiting, e.g. charon's fixed
 * 100 ms ROAM_DELAY. What the MN sends after the flows have stopped is not caused by the event any more, but by their end.
 */
import type { MetricInput } from './input.ts';
import type { Measured } from './measured.ts';
import type { Moment } from './moment.ts';
import { newPath, sentBy, usedEveryAddress } from './path.ts';
import type { Sighting, Trace } from './sighting.ts';

/** The packet by which the MN is seen to have moved; null when there is no t0 or no such packet. */
export function firstMove(input: MetricInput, trace: Trace, { t0 }: Moment): Sighting | null {
  if (t0 === null) return null;
  const isNew = newPath(input, trace, t0);
  return sentBy(input, trace).find((seen) => seen.t >= t0 && seen.t <= input.run.flowsStop && isNew(seen)) ?? null;
}

/** Seconds; null with the reason when the MN never did. */
export function tSys(input: MetricInput, trace: Trace, { t0 }: Moment, move: Sighting | null): Measured {
  if (t0 === null) return { value: null, notes: ['no event to count from'] };
  if (move === null) {
    const why = usedEveryAddress(input, trace, t0)
      ? 'flows had used every address of the MN before the event: none was left to move to'
      : 'the MN moved to no new address before the flows stopped';
    return { value: null, notes: [why] };
  }
  return { value: (move.t - t0) / 1e9, from: t0, notes: [] };
}
