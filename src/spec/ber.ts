/** Bit error rates as people write them: 0, 1.9e-6, or one error in so many bits: 1/512K, 1/8M (K = 1024, M = 1024²). */
import type { UnitProblem } from './units.ts';

const MULTIPLE = { '': 1, K: 1024, M: 1024 ** 2 } as const;
/** Every second bit wrong is noise; a packet of 20 octets is lost long before. */
const MAX = 0.1;
const HINT = 'such as 1/512K (one error in 512 x 1024 bits), 1.9e-6 or 0';

/** Errors per bit, in [0, 0.1], or what is wrong. */
export function parseBitErrorRate(raw: unknown): number | UnitProblem {
  if (raw === undefined) return { code: 'E_SPEC_MISSING_KEY', message: 'missing: a bit error rate', hint: HINT };
  if (typeof raw !== 'string' && typeof raw !== 'number') {
    return { code: 'E_SPEC_TYPE', message: 'expected a bit error rate', hint: HINT };
  }
  const value = rate(String(raw).trim());
  if (value === null) return { code: 'E_SPEC_UNIT', message: 'not a bit error rate', hint: HINT };
  if (value >= 0 && value <= MAX) return value;
  return { code: 'E_SPEC_RANGE', message: `a bit error rate is from 0 to ${MAX}`, hint: HINT };
}

function rate(text: string): number | null {
  const [, bits, unit = ''] = /^1 ?\/ ?(\d{1,12})([KkMm]?)$/.exec(text) ?? [];
  if (bits !== undefined) return 1 / (Number(bits) * MULTIPLE[unit.toUpperCase() as keyof typeof MULTIPLE]);
  return /^-?(\d{1,15}(\.\d{0,20})?|\.\d{1,20})(e[+-]?\d{1,3})?$/i.test(text) ? Number(text) : null;
}
