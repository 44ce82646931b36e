/** Times as a comparison prints them: to the nanosecond, because that is where two runs part. */

/** Seconds as `+12.345678 ms`. */
export function precise(dt: number): string {
  return `${dt < 0 ? '−' : '+'}${Math.abs(dt * 1e3).toFixed(6)} ms`;
}

/** A positive number of ns, in a unit that reads well. */
export function ns(value: number): string {
  if (value < 10_000) return `${value} ns`;
  return value < 1e6 ? `${(value / 1e3).toFixed(3)} µs` : `${(value / 1e6).toFixed(6)} ms`;
}
