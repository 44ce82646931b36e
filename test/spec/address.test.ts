import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contains, host, isReservedHost, isUnicast, overlaps, parsePrefix, sameNetwork } from '../../src/spec/address.ts';

const at = (text: string) => parsePrefix(text)!;

describe('parsing', () => {
  test.each(['10.1.0.2/24', '0.0.0.0/0', '10.1.0.2', 'fd00::1/64', '::/0', '::ffff:10.1.0.2/96', '1:2:3:4:5:6:7:8'])('%s', (text) => {
    expect(parsePrefix(text)).not.toBeNull();
  });
  test.each([
    '',
    '10.1.0/24',
    '10.1.0.256',
    '10.1.0.2/33',
    '10.1.0.2/',
    '10.1.0.2/024',
    '10.1.0.2/24/8',
    'fe80::1%eth0',
    ':::',
    '010.1.0.2',
    'a/8',
  ])('not %j', (text) => {
    expect(parsePrefix(text)).toBeNull();
  });
  test('IPv4 inside IPv6', () => {
    expect(at('::ffff:10.1.0.2').value).toBe(0xffff0a010002n);
  });
});

test('networks', () => {
  expect(overlaps(at('10.1.0.2/24'), at('10.1.0.129/25'))).toBe(true);
  expect(overlaps(at('10.1.0.2/24'), at('10.1.1.2/24'))).toBe(false);
  expect(overlaps(at('0.0.0.0/0'), at('::/0'))).toBe(false);
  expect(contains(at('10.1.0.0/16'), at('10.1.9.0/24'))).toBe(true);
  expect(contains(at('10.1.9.0/24'), at('10.1.0.0/16'))).toBe(false);
  expect(sameNetwork(at('10.1.0.1/24'), at('10.1.0.2/24'))).toBe(true);
  expect(sameNetwork(at('10.1.0.1/24'), at('10.1.0.2/25'))).toBe(false);
  expect([at('127.0.0.1'), at('224.0.0.1'), at('0.0.0.1'), at('255.255.255.255'), at('ff02::1'), at('::1')].map(isUnicast)).not.toContain(
    true,
  );
  expect([at('10.0.0.0/24'), at('10.0.0.255/24')].map(isReservedHost)).toEqual([true, true]);
  expect([at('10.0.0.0/31'), at('10.0.0.1/24'), at('fd00::/64')].map(isReservedHost)).toEqual([false, false, false]);
});

test('two prefixes overlap exactly when one contains the other', () => {
  const prefix = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, bits]) => at(`${address}/${bits}`));
  fc.assert(fc.property(prefix, prefix, (a, b) => overlaps(a, b) === (contains(a, b) || contains(b, a)) && contains(a, host(a))));
});

test('every IPv6 spelling of an address is the same number', () => {
  const words = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(words, (list) => {
      const long = list.map((word) => word.toString(16)).join(':');
      const short = new URL(`http://[${long}]/`).hostname.slice(1, -1);
      expect(at(short).value).toBe(at(long).value);
    }),
  );
});
