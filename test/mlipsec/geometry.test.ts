import { describe, expect, test } from 'vitest';
import { sealedLength, spansOf, type UnitSizes } from '../../src/mlipsec/geometry.ts';
import { type Layout, maxInner, ONE_ZONE, PAPER_ZONES, SUITE_NAMES, seal, suiteNamed, type ZoneMap } from '../../src/mlipsec/index.ts';
import { datagram } from './build/datagram.ts';
import { sender, written } from './build/peers.ts';

const sizes = (iv: number, align: number, icv: number): UnitSizes => ({ iv, align, icv });
const packet = (layout: Layout, zones: ZoneMap, unit: UnitSizes, length: number) =>
  20 +
  sealedLength(
    layout,
    spansOf(layout, zones),
    zones.map(() => unit),
    length,
  );
/** The most a datagram of more than 40 octets grows by, and the longest that fits 1500 octets. */
function overhead(layout: Layout, zones: ZoneMap, unit: UnitSizes): [number, number] {
  const grown = Array.from({ length: 64 }, (_, i) => packet(layout, zones, unit, 1000 + i) - (1000 + i));
  return [
    Math.max(...grown),
    maxInner(
      layout,
      zones,
      zones.map(() => unit),
      1500,
    ),
  ];
}

describe('worst overhead and longest inner datagram at an MTU of 1500', () => {
  test.each([
    ['3DES-CBC without ICV', sizes(8, 8, 0), [45, 1462], [69, 1438], [53, 1454]],
    ['3DES-CBC and HMAC-SHA1-96', sizes(8, 8, 12), [57, 1446], [93, 1414], [77, 1430]],
    ['AES-CBC without ICV', sizes(16, 16, 0), [61, 1454], [93, 1414], [85, 1430]],
    ['AES-CBC and HMAC-SHA1-96', sizes(16, 16, 12), [73, 1438], [117, 1398], [109, 1398]],
    ['AES-CBC and HMAC-SHA256-128', sizes(16, 16, 16), [77, 1438], [125, 1382], [117, 1398]],
    ['AES-GCM-16', sizes(8, 4, 16), [57, 1446], [93, 1410], [81, 1422]],
    ['NULL and HMAC-SHA1-96', sizes(0, 4, 12), [45, 1458], [69, 1434], [57, 1446]],
  ] as const)('%s', (_, unit, one, p, c) => {
    expect(overhead('P', ONE_ZONE, unit)).toEqual(one);
    expect(overhead('P', PAPER_ZONES, unit)).toEqual(p);
    expect(overhead('C', PAPER_ZONES, unit)).toEqual(c);
  });
});

test('the paper: a segment of 1391 octets in 3DES makes a packet of exactly 1500', () => {
  const from = sender({ suite: '3des-cbc/none' });
  expect(20 + written((out) => seal(from, datagram(1431), out)).length).toBe(1500);
});

test('a pure acknowledgment in 3DES: 84 octets in layout P, 92 in C', () => {
  const length = (layout: Layout) => 20 + written((out) => seal(sender({ suite: '3des-cbc/none', layout }), datagram(40), out)).length;
  expect([length('P'), length('C')]).toEqual([84, 92]);
});

test('sealed packets are as long as was said beforehand', () => {
  for (const suite of SUITE_NAMES) {
    for (const layout of ['P', 'C'] as const) {
      const from = sender({ suite, layout });
      for (const length of [20, 38, 39, 40, 41, 99, 1400]) {
        const sealed = written((out) => seal(from, datagram(length), out)).length;
        expect(sealed).toBe(from.sealedLength(length));
        expect(20 + sealed).toBe(packet(layout, PAPER_ZONES, suiteNamed(suite, { fidelity: true }), length));
      }
    }
  }
});

test('an MTU too small for anything leaves no inner datagram', () => {
  expect(maxInner('P', PAPER_ZONES, [sizes(8, 4, 16), sizes(8, 4, 16)], 50)).toBe(0);
});
