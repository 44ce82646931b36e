import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sumOctets, Words } from '../../../src/helper/fast/words.ts';
import { checksum } from '../../pcap/build/net.ts';

/** One's complement has two zeros, of which a checksum is either. */
const same = (a: number, b: number): boolean => a === b || (a % 0xffff === 0 && b % 0xffff === 0);

it('sums what the Internet checksum sums, at any place and of any length', () => {
  const words = new Words(4096);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 3000 }), fc.nat(100), fc.nat(7), (octets, place, cutOff) => {
      words.bytes.fill(0xee);
      const [at, length] = [place * 4, Math.max(1, octets.length - cutOff)];
      words.bytes.set(octets, at);
      const expected = ~checksum(Buffer.from(octets.subarray(0, length))) & 0xffff;
      expect(same(sumOctets(words.bytes, at, length), expected)).toBe(true);
      expect(same(words.sum(at, length), expected)).toBe(true);
    }),
  );
});

it('sums 64 KiB of the largest words', () => {
  const words = new Words(65_535);
  words.bytes.fill(0xff);
  expect(words.sum(0, 65_534)).toBe(0xffff);
});
