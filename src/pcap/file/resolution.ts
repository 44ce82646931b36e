/**
 * pcapng timestamps: a 64-bit count of 10^-n or 2^-n seconds (if_tsresol) plus whole seconds (if_tsoffset), per
 * interface. Split into seconds and nanoseconds with integers only; a finer clock than ns is rounded down.
 */

export interface Resolution {
  /** ticks per second */
  ticks: bigint;
  /** seconds added to every timestamp */
  offset: number;
}

export const MICROSECONDS: Resolution = { ticks: 1_000_000n, offset: 0 };

/** `value` is the octet of if_tsresol: most significant bit set means a power of 2, else of 10. */
export function resolution(value: number, offset: number): Resolution {
  const exponent = BigInt(value & 0x7f);
  return { ticks: value & 0x80 ? 1n << exponent : 10n ** exponent, offset };
}

export function split(high: number, low: number, { ticks, offset }: Resolution): { seconds: number; nanos: number } {
  const count = (BigInt(high) << 32n) | BigInt(low);
  const seconds = count / ticks;
  return { seconds: Number(seconds) + offset, nanos: Number(((count - seconds * ticks) * 1_000_000_000n) / ticks) };
}
