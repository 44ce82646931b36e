/** Ciphers work on pinned memory where it is, and elsewhere on a copy: the result is the same. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pinned } from '../../src/host/pinned.ts';
import { evpAvailable, evpCipher } from '../../src/mlipsec/cipher/evp.ts';
import { keyLength, nodeCipher, SUITE_NAMES, splitKeys, suiteNamed } from '../../src/mlipsec/index.ts';

const MEMORY = [pinned(70_000), pinned(70_000)] as const;
const heap = (size: number): Uint8Array => new Uint8Array(size);

describe.runIf(evpAvailable())('OpenSSL called directly', () => {
  it.each(SUITE_NAMES)('%s: seals and opens alike wherever octets are', (name) => {
    const suite = suiteNamed(name, { fidelity: true });
    const material = randomBytes(keyLength(suite));
    const [evp, node] = [evpCipher(suite, splitKeys(suite, material)), nodeCipher(suite, splitKeys(suite, material))];
    const sizes = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(1000, 4000));
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), sizes, fc.nat(90), fc.nat(33), fc.nat(33), (isFrom, isTo, blocks, more, at, outAt) => {
        const length = suite.align * blocks;
        const aad = randomBytes(more);
        const end = at + suite.iv + length + suite.icv;
        const unit = isFrom ? MEMORY[0].subarray(3, 3 + end) : heap(end);
        unit.set(randomBytes(end));
        evp.deriveIv(randomBytes(Math.min(8, suite.iv)), unit, at);
        const expected = unit.slice();
        const text = unit.slice(at + suite.iv, at + suite.iv + length);
        node.seal(aad, expected, at, length);
        evp.seal(aad, unit, at, length);
        expect(Buffer.compare(unit, expected)).toBe(0);
        const back = isTo ? MEMORY[1].subarray(7, 7 + outAt + length) : heap(outAt + length);
        for (const cipher of [evp, node]) {
          back.fill(0);
          expect(cipher.open(aad, unit, at, end, back, outAt)).toBe(true);
          expect(Buffer.compare(back.subarray(outAt), text)).toBe(0);
          expect(back.subarray(0, outAt).every((octet) => octet === 0)).toBe(true);
          // no room, and more octets than there are
          expect(cipher.open(aad, unit, at, end, back.subarray(0, -1), outAt)).toBe(false);
          expect(cipher.open(aad, unit, at, end + suite.align, back, outAt)).toBe(false);
          expect(cipher.open(aad, unit, at, at + suite.iv + suite.icv - 1, back, outAt)).toBe(false);
          expect(() => cipher.seal(aad, unit.subarray(0, -1), at, length)).toThrow('no room');
          if (suite.icv === 0) continue;
          unit[end - 1]! ^= 1;
          expect(cipher.open(aad, unit, at, end, back, outAt)).toBe(false);
          unit[end - 1]! ^= 1;
          expect(cipher.open(aad, unit, at, end, back, outAt)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
    evp.destroy();
    expect(() => evp.seal(heap(8), heap(500), 0, suite.align)).toThrow('destroyed');
  });

  it('writes to what is asked for and not beside it', () => {
    const suite = suiteNamed('aes128-gcm16');
    const evp = evpCipher(suite, splitKeys(suite, randomBytes(keyLength(suite))));
    const [memory, back] = MEMORY;
    memory.fill(0xaa);
    back.fill(0xbb);
    evp.seal(heap(8), memory, 100, 64);
    expect([...memory.subarray(92, 108), ...memory.subarray(188, 204)]).toEqual(Array(32).fill(0xaa));
    expect(evp.open(heap(8), memory, 100, 188, back, 100)).toBe(true);
    expect([...back.subarray(92, 100), ...back.subarray(164, 172)]).toEqual(Array(16).fill(0xbb));
  });
});
