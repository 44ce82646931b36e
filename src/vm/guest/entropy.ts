/** The kernel's random numbers from here on follow from a seed. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { close, openDevice, plainIoctl } from '../../host/libc.ts';

/** linux/random.h: what was written to the pool takes effect now, not at the next reseeding minutes later. */
const RNDRESEEDCRNG = 0x5207;

/** 512 bits that follow from `seed` go into the pool, and every CPU's generator starts anew from it. Needs CAP_SYS_ADMIN. */
export function seedKernel(seed: number): void {
  writeFileSync('/dev/urandom', createHash('sha512').update(`roamlab ${seed}`).digest());
  const device = openDevice('/dev/urandom');
  try {
    plainIoctl(device, RNDRESEEDCRNG);
  } finally {
    close(device);
  }
}
