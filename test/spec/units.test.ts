import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BIT_RATE, BYTES, DURATION, PER_SECOND, PROBABILITY, parseQuantity, type Unit, type UnitProblem } from '../../src/spec/units.ts';

const UNITS = { DURATION, BIT_RATE, PROBABILITY, BYTES, PER_SECOND };

describe('values', () => {
  test.each<[keyof typeof UNITS, unknown, number]>([
    ['DURATION', '7.5ms', 0.0075],
    ['DURATION', '0.35ms', 0.00035],
    ['DURATION', '100us', 0.0001],
    ['DURATION', '2 s', 2],
    ['DURATION', '1min', 60],
    ['DURATION', '.5s', 0.5],
    ['DURATION', '-1s', -1],
    ['DURATION', 0, 0],
    ['DURATION', '-0s', 0],
    ['BIT_RATE', '10mbit', 10e6],
    ['BIT_RATE', '10Mbit/s', 10e6],
    ['BIT_RATE', '64kbit', 64e3],
    ['BIT_RATE', '1gbit', 1e9],
    ['BIT_RATE', '9600bit/s', 9600],
    ['PROBABILITY', '2%', 0.02],
    ['PROBABILITY', 0.02, 0.02],
    ['PROBABILITY', '100%', 1],
    ['BYTES', '200B', 200],
    ['BYTES', '1KiB', 1024],
    ['BYTES', '1.5kB', 1500],
    ['PER_SECOND', '100/s', 100],
    ['PER_SECOND', '60/min', 1],
  ])('%s %j', (unit, text, value) => {
    expect(parseQuantity(UNITS[unit], text)).toBe(value);
  });
});

describe('refusals', () => {
  test.each<[keyof typeof UNITS, unknown, UnitProblem['code'], string]>([
    ['DURATION', 4, 'E_SPEC_UNIT_MISSING', 'write 4s or 4ms'],
    ['DURATION', '4', 'E_SPEC_UNIT_MISSING', 'write 4s or 4ms'],
    ['DURATION', '4sec', 'E_SPEC_UNIT', 'one of: us, ms, s, min'],
    ['DURATION', '1e3s', 'E_SPEC_UNIT', 'a number and one of: us, ms, s, min'],
    ['DURATION', '61min', 'E_SPEC_RANGE', 'at most 3600 in SI units'],
    ['DURATION', true, 'E_SPEC_TYPE', 'write a value such as 10s'],
    ['DURATION', undefined, 'E_SPEC_MISSING_KEY', 'such as 10s'],
    ['BIT_RATE', 100, 'E_SPEC_UNIT_MISSING', 'write 100mbit'],
    ['BIT_RATE', '10mbut', 'E_SPEC_UNIT', 'did you mean "mbit"?'],
    ['PROBABILITY', 2, 'E_SPEC_RANGE', 'between 0 and 1, or a percentage such as 2%'],
    ['BYTES', 200, 'E_SPEC_UNIT_MISSING', 'write 200B'],
    ['PER_SECOND', 100, 'E_SPEC_UNIT_MISSING', 'write 100/s'],
    ['PER_SECOND', 'constructor', 'E_SPEC_UNIT', 'a number and one of: /s, /min'],
    ['PER_SECOND', '1toString', 'E_SPEC_UNIT', 'one of: /s, /min'],
  ])('%s %j', (unit, text, code, hint) => {
    expect(parseQuantity(UNITS[unit], text)).toMatchObject({ code, hint });
  });

  test('fractions of a byte', () => {
    expect(parseQuantity(BYTES, '1.5B')).toMatchObject({ code: 'E_SPEC_RANGE' });
  });
});

const anyUnit = fc.constantFrom<Unit>(...Object.values(UNITS));

test('whatever is written gives a finite number within bounds, or a reason', () => {
  fc.assert(
    fc.property(
      anyUnit,
      fc.oneof(
        fc.anything(),
        fc.string(),
        fc.tuple(fc.double(), fc.string()).map(([n, s]) => `${n}${s}`),
      ),
      (unit, raw) => {
        const value = parseQuantity(unit, raw);
        if (typeof value === 'number') expect(Math.abs(value)).toBeLessThanOrEqual(unit.max);
        else expect(value.code).toMatch(/^E_SPEC_/);
      },
    ),
  );
});

test('every suffix scales by its factor', () => {
  fc.assert(
    fc.property(anyUnit, fc.nat(), fc.integer({ min: 1, max: 9 }), (unit, index, n) => {
      const suffixes = Object.keys(unit.factors);
      const suffix = suffixes[index % suffixes.length]!;
      const expected = n * unit.factors[suffix]!;
      if (expected > unit.max) return;
      expect(parseQuantity(unit, `${n}${suffix}`)).toBeCloseTo(expected, 12);
    }),
  );
});
