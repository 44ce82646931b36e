/**
 * Quantities as people write them: `7.5ms`, `10mbit`, `2%`, `200B`, `100/s`. Each kind of quantity is data: the
 * suffixes it knows and their factors to SI (seconds, bit/s, probability, bytes, 1/s). A bare number is refused
 * where a unit is needed, because 100 could be anything; zero needs none.
 */
import { suggest } from './did-you-mean.ts';

export interface Unit {
  what: string;
  /** suffix -> factor; matched exactly, then without regard to case */
  factors: Record<string, number>;
  /** suffixes to propose for a bare number */
  usual: string[];
  /** largest accepted value, SI */
  max: number;
  /** only whole SI values are accepted */
  whole?: true;
  /** bare numbers are fine: the quantity has no unit */
  bare?: true;
}

export const DURATION: Unit = { what: 'a duration', factors: { us: 1e-6, ms: 1e-3, s: 1, min: 60 }, usual: ['s', 'ms'], max: 3600 };

/** SI prefixes, as `tc` counts: 1 kbit = 1000 bit. */
export const BIT_RATE: Unit = {
  what: 'a bit rate',
  factors: { 'bit/s': 1, bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9, 'kbit/s': 1e3, 'Mbit/s': 1e6, 'Gbit/s': 1e9 },
  usual: ['mbit'],
  max: 400e9,
};

export const PROBABILITY: Unit = { what: 'a probability', factors: { '%': 0.01 }, usual: ['%'], max: 1, bare: true };

export const BYTES: Unit = {
  what: 'a size',
  factors: { B: 1, kB: 1000, KiB: 1024, MB: 1e6, MiB: 1048576 },
  usual: ['B'],
  max: 65535,
  whole: true,
};

/** Of a socket: what one may ask of a kernel without freezing it. */
export const BUFFER: Unit = { ...BYTES, max: 64 * 1048576 };

export const PER_SECOND: Unit = { what: 'a packet rate', factors: { '/s': 1, '/min': 1 / 60 }, usual: ['/s'], max: 100_000 };

export interface UnitProblem {
  code: 'E_SPEC_UNIT_MISSING' | 'E_SPEC_UNIT' | 'E_SPEC_TYPE' | 'E_SPEC_RANGE' | 'E_SPEC_MISSING_KEY';
  message: string;
  hint?: string;
}

/** Decimal only: no hex, no exponent, so that nothing a person would misread is accepted. */
const QUANTITY = /^([+-]?)(\d{1,15}(?:\.\d{1,12})?|\.\d{1,12})\s*([a-zA-Z/%]{0,8})$/;

function factorOf(unit: Unit, suffix: string): number | undefined {
  if (Object.hasOwn(unit.factors, suffix)) return unit.factors[suffix];
  const key = Object.keys(unit.factors).find((known) => known.toLowerCase() === suffix.toLowerCase());
  return key === undefined ? undefined : unit.factors[key];
}

/** SI value of what the file says, or what is wrong with it. Signed: whether a negative makes sense is the caller's rule. */
export function parseQuantity(unit: Unit, raw: unknown): number | UnitProblem {
  if (raw === undefined) return { code: 'E_SPEC_MISSING_KEY', message: `missing: ${unit.what}`, hint: `such as 10${unit.usual[0]}` };
  if (typeof raw !== 'string' && typeof raw !== 'number') {
    return { code: 'E_SPEC_TYPE', message: `expected ${unit.what}`, hint: `write a value such as 10${unit.usual[0]}` };
  }
  const match = QUANTITY.exec(String(raw).trim());
  if (match === null) {
    return { code: 'E_SPEC_UNIT', message: `not ${unit.what}`, hint: `a number and one of: ${Object.keys(unit.factors).join(', ')}` };
  }
  const [, sign, digits, suffix] = match as unknown as [string, string, string, string];
  const number = Number(digits);
  let factor = 1;
  if (suffix !== '') {
    const known = factorOf(unit, suffix);
    if (known === undefined) {
      const hint = suggest(suffix, Object.keys(unit.factors));
      return { code: 'E_SPEC_UNIT', message: `"${suffix}" is no unit of ${unit.what}`, ...(hint === undefined ? {} : { hint }) };
    }
    factor = known;
  } else if (number !== 0 && unit.bare === undefined) {
    return {
      code: 'E_SPEC_UNIT_MISSING',
      message: `${unit.what} needs a unit`,
      hint: `write ${unit.usual.map((suffix) => digits + suffix).join(' or ')}`,
    };
  }
  // Division by the inverse keeps 7.5ms at 0.0075 instead of 0.007500000000000001.
  const magnitude = factor < 1 ? number / Math.round(1 / factor) : number * factor;
  const value = sign === '-' && magnitude !== 0 ? -magnitude : magnitude;
  if (Math.abs(value) > unit.max) {
    const hint = unit.bare === undefined ? `at most ${unit.max} in SI units` : `between 0 and ${unit.max}, or a percentage such as 2%`;
    return { code: 'E_SPEC_RANGE', message: `too much for ${unit.what}`, hint };
  }
  if (unit.whole === true && !Number.isInteger(value)) {
    return { code: 'E_SPEC_RANGE', message: `${unit.what} must be a whole number of bytes` };
  }
  return value;
}
