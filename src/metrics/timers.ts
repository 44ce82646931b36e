/** What an SCTP flow's timers are set to, and what counts as no waiting at all. */
import type { Flow } from '../types/experiment.ts';
import type { Nanoseconds } from '../types/run.ts';

/** ns in which a host answers a packet, or sends what has waited for one */
export const AT_ONCE: Nanoseconds = 1e6;
/** Seconds where the settings are not known: RTO.Min (RFC 9260 section 16), and how long a SACK may be held back (section 6.2) */
const RTO_MIN = 1;
const SACK_DELAY = 0.2;

/** RTO.Min, ns. */
export function leastTimeout({ sctp }: Flow): Nanoseconds {
  return (sctp?.rtoMin ?? RTO_MIN) * 1e9;
}

/** Has a receiver held its SACK back for its timer, having waited `seconds`? */
export function isHeldBack({ sctp }: Flow, seconds: number): boolean {
  return seconds >= (sctp?.sackDelay ?? SACK_DELAY) / 2;
}
