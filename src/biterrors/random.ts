/**
 * The random numbers of bit errors: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). Its state grows by a constant, so the kernel's program and
 * this model draw the same numbers: one addition that cannot be interrupted, then mixing.
 */
export const GAMMA = 0x9e37_79b9_7f4a_7c15n;
/** shift right and multiply, twice; then shift right by 31. */
export const MIX = [
  { shift: 30, factor: 0xbf58_476d_1ce4_e5b9n },
  { shift: 27, factor: 0x94d0_49bb_1331_11ebn },
] as const;
export const LAST_SHIFT = 31;

/** Numbers of 64 bits; `seed` is the state before the first. */
export function splitMix64(seed: bigint): () => bigint {
  let state = BigInt.asUintN(64, seed);
  return () => {
    state = BigInt.asUintN(64, state + GAMMA);
    let z = state;
    for (const { shift, factor } of MIX) z = BigInt.asUintN(64, (z ^ (z >> BigInt(shift))) * factor);
    return z ^ (z >> BigInt(LAST_SHIFT));
  };
}
