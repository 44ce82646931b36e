/** Probe: an XDP program that drops what it should and passes the rest. */
import { attachBitErrors } from '../biterrors/attach.ts';
import type { Scratch } from './scratch.ts';

const PACKETS = 5;

/** What was seen; throws why not. */
export async function xdp(scratch: Scratch): Promise<string> {
  for (const [ber, arrive] of [
    [0.99, 0],
    [0, PACKETS],
  ] as const) {
    const errors = attachBitErrors({ netnsPath: scratch.lab.netnsPath('pb'), interface: 'eth0', ber, seed: 1 });
    try {
      const arrived = scratch.exchange(PACKETS).length;
      const { passed, dropped } = errors.counts();
      if (arrived !== arrive || passed !== arrive || dropped !== PACKETS - arrive)
        throw new Error(`of ${PACKETS} packets ${dropped} were dropped, ${passed} passed and ${arrived} arrived, not ${arrive}`);
    } finally {
      errors.close();
    }
  }
  return `${PACKETS} packets dropped, ${PACKETS} passed`;
}
