/** What fuzzing found stays found: each file of `corpus/` once broke the loader. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { specCases, tryCase } from '../../scripts/fuzz/spec.ts';

const folder = join(import.meta.dirname, 'corpus');

test.each(readdirSync(folder))('%s', (name) => {
  expect(tryCase(readFileSync(join(folder, name), 'utf8'), Number.POSITIVE_INFINITY)).toBeNull();
});

test('a thousand fresh mutations break nothing', () => {
  const cases = specCases(42);
  const inputs = Array.from({ length: 1000 }, () => cases.next().value);
  expect(new Set(inputs).size).toBeGreaterThan(900);
  expect(inputs.filter((input) => tryCase(input, Number.POSITIVE_INFINITY) !== null)).toEqual([]);
});
