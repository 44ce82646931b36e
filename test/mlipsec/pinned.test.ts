/** Ciphers work on pinned memory where it is, and elsewhere on a copy: the result is the same. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, pinned } from '../../src/host/pinned.ts';
import { evpAvailable, evpCipher } from '../../src/mlipsec/cipher/evp.ts';
import { keyLength, nodeCipher, SUITE_NAMES, splitKeys, suiteNamed } from '../../src/mlipsec/index.ts';

const MEMORY = [pinned(70_000), pinned(70_000)] as const;
const heap = (size: number): Uint8Array => new Uint8Array(size);

describe.runIf(evpAvailable())('OpenSSL called directly', () => {
  it.each(SUITE_NAMES)('%s: seals and opens alike wherever octets are', (name) => {
    const suite = suiteNamed(name, { fidelity: true });
    const material = randomBytes(keyLength(suite));
    const [evp, node] = [evpCipher(suite, splitKeys(suite, material)), nodeCipher(suite, splitKeys(suite, material))];
    const places = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean());
    const sizes = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(1000, 4000));
    fc.assert(
      fc.property(places, sizes, fc.nat(90), fc.nat(33), ([isFrom, isTo, isInPlace], blocks, more, offset) => {
        const length = suite.align * blocks;
        const aad = randomBytes(more);
        const iv = new Uint8Array(suite.iv);
        evp.deriveIv(randomBytes(Math.min(8, suite.iv)), iv);
        const text = randomBytes(length);
        const whole = length + suite.icv;
        const out = isTo ? MEMORY[0].subarray(offset, offset + whole) : heap(whole);
        const plain = isInPlace ? out.subarray(0, length) : isFrom ? MEMORY[1].subarray(offset, offset + length) : heap(length);
        plain.set(text);
        evp.seal(aad, iv, plain, out);
        const expected = heap(whole);
        node.seal(aad, iv, text, expected);
        expect(Buffer.compare(out, expected)).toBe(0);
        const back = isFrom ? MEMORY[1].subarray(offset, offset + whole) : heap(whole);
        expect(evp.open(aad, iv, out, back)).toBe(true);
        expect(Buffer.compare(back.subarray(0, length), text)).toBe(0);
        if (suite.icv === 0) return;
        out[length]! ^= 1;
        expect(evp.open(aad, iv, out, back)).toBe(false);
        out[length]! ^= 1;
        expect(evp.open(aad, iv, out, back)).toBe(true);
      }),
      { numRuns: 60 },
    );
    evp.destroy();
    expect(() => evp.seal(heap(8), heap(suite.iv), heap(suite.align), heap(suite.align + suite.icv))).toThrow('destroyed');
  });

  it('writes to what is asked for and not beside it', () => {
    const suite = suiteNamed('aes128-gcm16');
    const evp = evpCipher(suite, splitKeys(suite, randomBytes(keyLength(suite))));
    const [memory, back] = MEMORY;
    memory.fill(0xaa);
    back.fill(0xbb);
    const sealed = memory.subarray(100, 100 + 64 + 16);
    evp.seal(heap(8), heap(8), heap(64), sealed);
    expect([...memory.subarray(92, 100), ...memory.subarray(180, 188)]).toEqual(Array(16).fill(0xaa));
    expect(evp.open(heap(8), heap(8), sealed, back.subarray(100, 164))).toBe(true);
    expect([...back.subarray(92, 100), ...back.subarray(164, 172)]).toEqual(Array(16).fill(0xbb));
    expect(evp.open(heap(8), heap(8), sealed, back.subarray(100, 163))).toBe(false);
    expect(addressOf(sealed)).toBe(addressOf(memory) + 100);
  });
});
