/** strongSwan's own unit tests, upstream's and those of the patch series, on every release of the recipe. Slow once, then cached. */
import { expect, it } from 'vitest';
import { releases } from '../../src/strongswan/source.ts';
import { strongswanUnitTests } from '../../src/strongswan/unit-tests.ts';

it.each(releases().map((r) => r.version))(
  'strongSwan %s with the patch series passes its unit tests',
  { timeout: 1_800_000 },
  async (version) => {
    const output = await strongswanUnitTests(version, console.log);
    expect(output.exchange_tests).toMatch(/Passed all \d+ 'ike mobikex' test cases/);
    expect(output.exchange_tests).toMatch(/Passed all \d+ 'child rekey' test cases/);
    expect(output.libcharon_tests).toMatch(/Passed all \d+ 'mobikex codec' test cases/);
  },
);
