/** Numbers for people: as many digits as carry meaning, in the unit that is printed. */
import type { Unit } from '../types/run.ts';

/** How each unit is printed, and what a value is multiplied with for it. */
const PRINTED: Record<Unit, { name: string; factor: number }> = {
  s: { name: 'ms', factor: 1e3 },
  packets: { name: 'packets', factor: 1 },
  'bit/s': { name: 'Mbit/s', factor: 1e-6 },
  instructions: { name: 'instructions/packet', factor: 1 },
  segments: { name: 'segments', factor: 1 },
  's/packet': { name: 'µs/packet', factor: 1e6 },
};

/** Groups of three digits stay on one line, and no reader takes the gap for a point or a comma. */
const THIN = '\u202f';

/** Seconds as ms: three digits below 10 ms, two below 100, one below 1000, none above. `–` for null. */
export function milliseconds(seconds: number | null): string {
  return printed(seconds, 's');
}

/** A metric's value in its printed unit: ms, packets, Mbit/s, segments, µs/packet, or instructions with thin gaps between thousands. */
export function printed(value: number | null, unit: Unit): string {
  if (value === null) return '–';
  switch (unit) {
    case 's':
    case 'bit/s':
    case 'segments':
    case 's/packet':
      return digits(scaled(value, unit));
    case 'packets':
      return Number.isInteger(value) ? String(value) : value.toFixed(2);
    case 'instructions':
      return grouped(value);
  }
}

/** A value as the printed unit counts it. */
export function scaled(value: number, unit: Unit): number {
  return value * PRINTED[unit].factor;
}

/** `ms` for seconds. */
export function unitName(unit: Unit): string {
  return PRINTED[unit].name;
}

/** With its unit behind it, unless that is ms, which everything else is in: `loss.up (packets)`. */
export function named(metric: string, unit: Unit): string {
  return unit === 's' ? metric : `${metric} (${unitName(unit)})`;
}

function digits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size < 10 ? 3 : size < 100 ? 2 : size < 1000 ? 1 : 0);
}

/** A whole number, rounded. */
export function grouped(value: number): string {
  const text = Math.abs(value).toFixed(0);
  return `${value < 0 && text !== '0' ? '-' : ''}${text.replace(/\B(?=(\d{3})+$)/g, THIN)}`;
}

/** A printed number with its sign, minus as U+2212: `+1.25`. */
export function signed(text: string): string {
  if (text.startsWith('-')) return `−${text.slice(1)}`;
  return /[1-9]/.test(text) ? `+${text}` : text;
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
