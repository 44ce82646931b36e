import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage, type ViciMessage } from '../../src/ipsec/vici-message.ts';

/** The example of the protocol's README: key1, a section with a subsection, a list. */
const EXAMPLE: ViciMessage = {
  key1: 'value1',
  section1: { 'sub-section': { key2: 'value2' }, list1: ['item1', 'item2'] },
};
const GOLDEN = Buffer.concat(
  [
    [3, 4, 'key1', 0, 6, 'value1'],
    [1, 8, 'section1'],
    [1, 11, 'sub-section'],
    [3, 4, 'key2', 0, 6, 'value2'],
    [2],
    [4, 5, 'list1'],
    [5, 0, 5, 'item1'],
    [5, 0, 5, 'item2'],
    [6],
    [2],
  ]
    .flat()
    .map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))),
);

test('the README’s example, both ways', () => {
  expect(encodeMessage(EXAMPLE)).toEqual(GOLDEN);
  expect(decodeMessage(GOLDEN)).toEqual(EXAMPLE);
});

const text = fc.string({ unit: 'binary', maxLength: 40 });
const key = fc.string({ minLength: 1, maxLength: 20 }).filter((name) => name !== '__proto__');
const { message } = fc.letrec<{ message: ViciMessage }>((tie) => ({
  message: fc.dictionary(key, fc.oneof({ depthSize: 'small' }, text, fc.array(text, { maxLength: 4 }), tie('message')), {
    maxKeys: 5,
    noNullPrototype: true,
  }),
}));

test('any message comes back', () => {
  fc.assert(
    fc.property(message, (m) => {
      expect(decodeMessage(encodeMessage(m))).toEqual(m);
    }),
  );
});

test('any beginning of a message is the beginning of it or a RangeError', () => {
  for (let length = 0; length < GOLDEN.length; length++) {
    const cut = GOLDEN.subarray(0, length);
    if (length === 0) expect(decodeMessage(cut)).toEqual({});
    else if (length === 14) expect(decodeMessage(cut)).toEqual({ key1: 'value1' });
    else expect(() => decodeMessage(cut), `${length} octets`).toThrow(RangeError);
  }
});

test.each([
  ['an element there is none of', '09'],
  ['a list item outside a list', '050000'],
  ['the end of a section that never began', '02'],
  ['the end of a list that never began', '06'],
  ['a value in a list', '0401780301780000'],
  ['a list closed as a section', '04017802'],
  ['a list without an end', '04017805000161'],
  ['a section without an end', '010178'],
  ['a value longer than the message', '0301780005616263'],
])('%s is a RangeError', (_, hex) => {
  expect(() => decodeMessage(Buffer.from(hex, 'hex'))).toThrow(RangeError);
});

test('garbage is decoded or refused, nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeMessage(Buffer.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
});

describe('lengths', () => {
  test('a name of 255 octets goes, of 256 does not; octets, not characters', () => {
    const name = 'é'.repeat(127);
    expect(decodeMessage(encodeMessage({ [`${name}x`]: 'v' }))).toEqual({ [`${name}x`]: 'v' });
    expect(() => encodeMessage({ [`${name}xx`]: 'v' })).toThrow(RangeError);
    expect(() => encodeMessage({ [`${name}xx`]: [] })).toThrow(RangeError);
    expect(() => encodeMessage({ [`${name}xx`]: {} })).toThrow(RangeError);
  });

  test('a value of 65 535 octets goes, of 65 536 does not', () => {
    expect(decodeMessage(encodeMessage({ k: 'v'.repeat(65_535) })).k).toHaveLength(65_535);
    expect(() => encodeMessage({ k: 'v'.repeat(65_536) })).toThrow(RangeError);
  });
});
