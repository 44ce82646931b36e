/** Numbers for people: milliseconds with as many digits as carry meaning, packets as they are. */

/** Seconds as ms: three digits below 10 ms, two below 100, one below 1000, none above. `–` for null. */
export function milliseconds(seconds: number | null): string {
  if (seconds === null) return '–';
  const value = seconds * 1e3;
  const size = Math.abs(value);
  return value.toFixed(size < 10 ? 3 : size < 100 ? 2 : size < 1000 ? 1 : 0);
}

/** A metric's value in its printed unit. */
export function printed(value: number | null, unit: 's' | 'packets'): string {
  if (unit === 's') return milliseconds(value);
  return value === null ? '–' : Number.isInteger(value) ? String(value) : value.toFixed(2);
}

/** `+12.345 ms` relative to t0; microseconds, because that is what the captures resolve to on a busy machine. */
export function offset(dt: number): string {
  return `${dt < 0 ? '−' : '+'}${(Math.abs(dt) * 1e3).toFixed(3)} ms`;
}

/** Takes control characters out of text that came from files: no escape sequence reaches a terminal. */
export function plain(text: string): string {
  return text.replace(/\p{C}/gu, '�');
}

/** The first `most` of a list, and how many that leaves out. */
export function shortened<T>(list: readonly T[], most: number): { shown: T[]; more: number } {
  return { shown: list.slice(0, most), more: Math.max(0, list.length - most) };
}
