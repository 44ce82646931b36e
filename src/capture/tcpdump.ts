/** Captures: one tcpdump per interface, nanosecond stamps, whole packets. */
import type { LinkEnd } from '../types/experiment.ts';

export const captureFile = (end: LinkEnd): string => `pcap/${end.node}-${end.interface}.pcap`;

/**
 * ARP and ND are kept (they explain delays); the tests of the path decide by protocol. The kernel stamps packets and hands them over in
 * blocks, at the latest after a second: waking tcpdump for each (--immediate-mode) took more of the measured machine than all else.
 */
export function tcpdumpArgv(end: LinkEnd, file: string): string[] {
  return ['tcpdump', '-i', end.interface, '-w', file, '-n', '-Z', 'root', '--time-stamp-precision=nano', '-s', '0', '-B', '8192'];
}

/** tcpdump says this on stderr once packets are being seen. */
export const LISTENING = /listening on/;

export interface CaptureCounts {
  captured: number;
  received: number;
  dropped: number;
}

/** The last counts on tcpdump's stderr: one line each when it ends, all on one line in answer to SIGUSR1. */
export function captureCounts(stderr: string): CaptureCounts | null {
  const last = (pattern: RegExp) => Number([...stderr.matchAll(pattern)].at(-1)?.[1] ?? Number.NaN);
  const counts = {
    captured: last(/(\d+) packets? captured/g),
    received: last(/(\d+) packets? received by filter/g),
    dropped: last(/(\d+) packets? dropped by kernel/g),
  };
  return Number.isNaN(counts.captured + counts.received + counts.dropped) ? null : counts;
}
