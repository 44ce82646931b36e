/** Seeded pseudo-random numbers: everything random in a run flows from its seed. */

/** mulberry32: 32-bit state, uniform in [0, 1). */
export function prng(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A 32-bit seed from a parent seed and labels (FNV-1a), so that run K alone has the seed of run K in a batch. */
export function deriveSeed(seed: number, ...labels: (string | number)[]): number {
  let hash = 0x811c9dc5; // the seed goes in as text only: mixed in here as well, a one-digit seed would cancel itself out
  for (const char of `${seed}/${labels.join('/')}`) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  }
  return hash >>> 0;
}
