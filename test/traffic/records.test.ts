import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordCutter } from '../../src/traffic/records.ts';

/** What comes out when `octets` are read in pieces of these lengths, the rest at once. */
function cut(size: number, octets: Buffer, lengths: readonly number[]): Buffer[] {
  const room = Buffer.alloc(octets.length + 64, 0xff); // what is left of earlier reads must not show
  const records: Buffer[] = [];
  const cutter = new RecordCutter(size);
  let at = 0;
  for (const length of [...lengths, octets.length]) {
    const got = octets.copy(room, 0, at, at + length);
    at += got;
    cutter.push(room, got, (record) => records.push(Buffer.from(record.subarray(0, size))));
  }
  return records;
}

test('however the octets come, the records are the same', () => {
  const pieces = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.uint8Array({ maxLength: 2000 }), pieces, (size, array, lengths) => {
      const octets = Buffer.from(array);
      const records = cut(size, octets, lengths);
      expect(records).toHaveLength(Math.floor(octets.length / size));
      expect(Buffer.concat(records)).toEqual(octets.subarray(0, records.length * size));
    }),
  );
});

test('a message in three pieces, and the next one whole', () => {
  const octets = Buffer.from('abcdefghijABCDEFGHIJ');
  expect(cut(10, octets, [4, 5, 1, 10]).map(String)).toEqual(['abcdefghij', 'ABCDEFGHIJ']);
});
