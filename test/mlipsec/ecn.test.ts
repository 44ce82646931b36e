import { describe, expect, test } from 'vitest';
import { internetChecksum } from '../../src/mlipsec/checksum.ts';
import { decapsulateEcn, writeOuter } from '../../src/mlipsec/index.ts';

const NAMES = ['Not-ECT', 'ECT(1)', 'ECT(0)', 'CE'];
const [NOT, ONE, ZERO, CE] = [0, 1, 2, 3] as const;

/** RFC 6040, figure 4: inner, then what becomes of it under each outer header; null: dropped. */
const FIGURE: [inner: number, Record<number, number | null>][] = [
  [NOT, { [NOT]: NOT, [ZERO]: NOT, [ONE]: NOT, [CE]: null }],
  [ZERO, { [NOT]: ZERO, [ZERO]: ZERO, [ONE]: ONE, [CE]: CE }],
  [ONE, { [NOT]: ONE, [ZERO]: ONE, [ONE]: ONE, [CE]: CE }],
  [CE, { [NOT]: CE, [ZERO]: CE, [ONE]: CE, [CE]: CE }],
];

describe.each(FIGURE.map(([inner, row]) => ({ name: NAMES[inner], inner, row })))('inner $name', ({ inner, row }) => {
  test.each(Object.entries(row).map(([outer, becomes]) => ({ outer: Number(outer), becomes })))('outer $outer', ({ outer, becomes }) => {
    for (const dscp of [0, 0xb8, 0xfc]) {
      const packet = new Uint8Array(20);
      writeOuter(packet, { source: 0x0a090001, destination: 0x0a0a0002, tos: dscp | inner, payload: 0 });
      const before = packet.slice();
      // the outer DSCP is not taken over (RFC 4301 section 5.1.2)
      expect(decapsulateEcn(packet, 0x2c | outer)).toBe(becomes !== null);
      expect(packet[1]).toBe(dscp | (becomes ?? inner));
      expect(internetChecksum(packet, 0, 20)).toBe(0);
      before.set([packet[1]!], 1);
      before.set(packet.subarray(10, 12), 10);
      expect(packet).toEqual(before);
    }
  });
});
