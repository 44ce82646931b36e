/** Captures: one tcpdump per interface, nanosecond stamps, whole packets. */
import type { LinkEnd } from '../types/experiment.ts';

export const captureFile = (end: LinkEnd): string => `pcap/${end.node}-${end.interface}.pcap`;

/** ARP and ND are kept (they explain delays); the tests of the path decide by protocol. */
export function tcpdumpArgv(end: LinkEnd, file: string): string[] {
  return [
    'tcpdump',
    '-i',
    end.interface,
    '-w',
    file,
    '-n',
    '--immediate-mode',
    '-Z',
    'root',
    '--time-stamp-precision=nano',
    '-s',
    '0',
    '-B',
    '8192',
  ];
}

/** tcpdump says this on stderr once packets are being seen. */
export const LISTENING = /listening on/;

/** The closing counts of tcpdump's stderr. */
export function captureCounts(stderr: string): { captured: number; received: number; dropped: number } | null {
  const count = (pattern: RegExp) => Number(pattern.exec(stderr)?.[1] ?? Number.NaN);
  const counts = {
    captured: count(/(\d+) packets? captured/),
    received: count(/(\d+) packets? received by filter/),
    dropped: count(/(\d+) packets? dropped by kernel/),
  };
  return Number.isNaN(counts.captured + counts.received + counts.dropped) ? null : counts;
}
