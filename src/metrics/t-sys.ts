/**
 * T_SYS: t0 until the MN sends the first packet from a new address, IKE or protected data (without IPsec: data). ARP, neighbour
 * discovery and multicast do not count: they are neither. Includes the daemon's own waiting, e.g. charon's fixed 100 ms ROAM_DELAY.
 */
import type { MetricInput } from './input.ts';
import type { Measured } from './measured.ts';
import type { Moment } from './moment.ts';
import { newPath, sentBy } from './path.ts';
import type { Trace } from './trace.ts';

/** Seconds; null with the reason when the MN never did. */
export function tSys(input: MetricInput, trace: Trace, moment: Moment): Measured {
  const { t0 } = moment;
  if (t0 === null) return { value: null, notes: ['no event to count from'] };
  const isNew = newPath(input, trace, t0);
  const first = sentBy(input, trace).find((seen) => seen.t >= t0 && isNew(seen));
  if (first === undefined) return { value: null, notes: ['the MN sent nothing from a new address'] };
  return { value: (first.t - t0) / 1e9, from: t0, notes: [] };
}
