/**
 * Named shapes. The first two are the paths of the E2E paper; the rest are plausible values of an access
 * technology, chosen round, and say so: a result on them compares with nothing printed.
 */
import type { Shape } from '../types/experiment.ts';

export interface Profile {
  /** per direction; `limit` is computed (see `queueLimit`) */
  shape: Omit<Shape, 'limit'>;
  description: string;
  source: string;
}

export const PROFILES = {
  'lab-ethernet': {
    shape: { delay: 0.00035, jitter: 0, rate: 0, loss: 0 },
    description: 'laboratory Ethernet, RTT 0.7 ms',
    source: 'E2E paper: the laboratory network, RTT about 2 x 0.355 ms',
  },
  'public-hotspot': {
    shape: { delay: 0.0075, jitter: 0, rate: 20e6, loss: 0 },
    description: 'public WLAN hotspot, RTT 15 ms, 20 Mbit/s',
    source: 'E2E paper, section VI-C',
  },
  wifi: {
    shape: { delay: 0.002, jitter: 0.0005, rate: 100e6, loss: 0.001 },
    description: 'home or office WLAN behind a wired uplink, RTT 4 ms, 100 Mbit/s, 0.1 % loss',
    source: 'typical, not from a paper',
  },
  lte: {
    shape: { delay: 0.02, jitter: 0.002, rate: 30e6, loss: 0 },
    description: 'LTE access, RTT 40 ms, 30 Mbit/s',
    source: 'typical, not from a paper',
  },
  umts: {
    shape: { delay: 0.06, jitter: 0.005, rate: 2e6, loss: 0 },
    description: 'UMTS access (HSPA), RTT 120 ms, 2 Mbit/s',
    source: 'typical, not from a paper',
  },
} satisfies Record<string, Profile>;

export type ProfileName = keyof typeof PROFILES;
export const PROFILE_NAMES = Object.keys(PROFILES) as ProfileName[];

/** What an unlimited link is taken for when its queue is sized. */
const UNLIMITED = 1e9;
const PACKET_BITS = 1500 * 8;

/**
 * Queue length in packets for netem, which counts the packets *in flight* on its delay against the limit: twice the
 * bandwidth-delay product, so that the delay line never drops what the wire would carry and one product may queue behind it; never
 * under netem's own 1000, because the test traffic's packets are smaller than 1500 bytes.
 */
export function queueLimit(shape: Omit<Shape, 'limit'>): number {
  const rate = shape.rate === 0 ? UNLIMITED : shape.rate;
  return Math.max(1000, Math.ceil((2 * rate * (shape.delay + shape.jitter)) / PACKET_BITS));
}
