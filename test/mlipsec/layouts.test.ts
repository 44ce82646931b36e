import { describe, expect, test } from 'vitest';
import { keyLength, ONE_ZONE, SUITE_NAMES, seal, suiteNamed } from '../../src/mlipsec/index.ts';
import { datagram } from './build/datagram.ts';
import { independent, ordinary } from './build/independent.ts';
import { octets, sender, spiOf, written } from './build/peers.ts';

const material = (suite: string, zone: number) => octets(`zone ${zone} `, keyLength(suiteNamed(suite, { fidelity: true })));
const CELLS = SUITE_NAMES.flatMap((suite) =>
  (['P', 'C'] as const).flatMap((layout) =>
    (suite === '3des-cbc/none' ? (['none'] as const) : (['none', 'seq', 'hdr'] as const)).map((bind) => ({ suite, layout, bind })),
  ),
);

describe.each(CELLS)('$suite, layout $layout, binding $bind', ({ suite, layout, bind }) => {
  test('octet by octet what an independent construction yields', () => {
    const from = sender({ suite, layout, bind });
    let counter2 = 0;
    for (const [index, length] of [20, 28, 39, 40, 41, 42, 43, 47, 56, 552, 1391, 1431, 1438].entries()) {
      const inner = datagram(length);
      const expected = independent(
        {
          suite,
          layout,
          bind,
          spis: [spiOf(1), spiOf(2)],
          materials: [material(suite, 1), material(suite, 2)],
          seq: index + 1,
          counters: [index, counter2],
        },
        inner,
      );
      expect(written((out) => seal(from, inner, out)).toString('hex'), `${length} octets`).toBe(expected.toString('hex'));
      if (layout === 'C' || length > 40) counter2 += 1;
    }
  });
});

test.each(SUITE_NAMES)('one zone and %s: ordinary ESP', (suite) => {
  const from = sender({ suite, zones: ONE_ZONE });
  for (const [index, length] of [20, 21, 40, 1400].entries()) {
    const inner = datagram(length);
    const expected = ordinary(suite, spiOf(1), index + 1, index, material(suite, 1), inner, 4);
    expect(written((out) => seal(from, inner, out)).toString('hex')).toBe(expected.toString('hex'));
  }
});
