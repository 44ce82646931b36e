import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, isPathCheck, mobikexContent, notifyName, notifyText, pathStatusName } from '../../src/pcap/index.ts';
import { clearIke, ikeKeys, notify, octets, type Payload } from './build/ipsec.ts';
import {
  ADD,
  NEW_PEER,
  NEW_SENDER,
  OLD_PEER,
  OLD_SENDER,
  PATH_STATUS,
  type ParameterOptions,
  parameter,
  REMOVE,
  SUPPORTED,
  status,
  supported,
  UPDATE,
} from './build/mobikex.ts';
import { ipv4, udp } from './build/net.ts';

const content = (type: number, ...parts: Uint8Array[]) => mobikexContent({ type, data: Buffer.concat(parts) });
const text = (type: number, ...parts: Uint8Array[]) => notifyText({ type, data: Buffer.concat(parts) });
const added = (address: string, options: ParameterOptions = {}) => content(ADD, parameter(NEW_SENDER, 1, address, options));
const refused = (notify: string, malformed: string) => ({ notify, malformed });

test('the four notifies have names', () => {
  expect([SUPPORTED, ADD, REMOVE, PATH_STATUS].map(notifyName)).toEqual([
    'MOBIKEX_SUPPORTED',
    'ADD_SA_ADDRESS',
    'REMOVE_SA_ADDRESS',
    'MOBIKEX_PATH_STATUS',
  ]);
});

test('the octets of the specification', () => {
  const hex = (type: number, data: string) => mobikexContent({ type, data: Buffer.from(data.replaceAll(' ', ''), 'hex') });
  expect(hex(41041, '4d424b58 01 03 04 00')).toEqual({ notify: 'MOBIKEX_SUPPORTED', version: 1, flags: 3, maxPaths: 4 });
  expect(hex(41042, '02 02 0010 0001 04 00 1194 0000 0a020002')).toEqual({
    notify: 'ADD_SA_ADDRESS',
    parameters: [{ role: 'new-sender', path: 1, address: '10.2.0.2', port: 4500, flags: 0 }],
  });
  expect(hex(41043, '02 01 001c 0100 06 01 01f4 ffff 20010db8000000000000000000000002')).toEqual({
    notify: 'REMOVE_SA_ADDRESS',
    parameters: [{ role: 'old-sender', path: 256, address: '2001:db8::2', port: 500, flags: 1 }],
  });
  expect(hex(41044, '0001 0003')).toEqual({ notify: 'MOBIKEX_PATH_STATUS', path: 1, status: 3 });
});

describe('MOBIKEX_SUPPORTED', () => {
  test.each<[string, Uint8Array, object]>([
    ['one path, no flag', supported(1, 0), { version: 1, flags: 0, maxPaths: 1 }],
    ['flags nobody knows yet', supported(255, 0xff), { version: 1, flags: 255, maxPaths: 255 }],
    ['octets of a later revision', Buffer.concat([supported(), octets('later', 5)]), { version: 1, flags: 3, maxPaths: 4 }],
    ['nothing', Buffer.alloc(0), { malformed: 'truncated' }],
    ['seven octets', supported().subarray(0, 7), { malformed: 'truncated' }],
    ['a type of someone else', supported(4, 3, 1, 'else'), { malformed: 'another magic' }],
    ['another version', supported(4, 3, 2), { malformed: 'version 2' }],
    ['no path at all', supported(0), { malformed: 'no path' }],
  ])('%s', (_what, data, wanted) => {
    expect(content(SUPPORTED, data)).toEqual({ notify: 'MOBIKEX_SUPPORTED', ...wanted });
  });
});

describe('MOBIKEX_PATH_STATUS', () => {
  test('has names for the numbers of the specification', () => {
    const names = ['ok', 'unknown-path', 'policy', 'rrc-pending', 'too-many', 'wrong-path', 'last-path', 'malformed', 'busy'];
    expect(names.map((_, number) => pathStatusName(number))).toEqual(names);
    expect(pathStatusName(9)).toBe('9');
  });

  test('is four octets', () => {
    expect(content(PATH_STATUS, status(0xffff, 0x1234))).toEqual({ notify: 'MOBIKEX_PATH_STATUS', path: 0xffff, status: 0x1234 });
    for (const size of [0, 3, 5, 1000]) {
      expect(content(PATH_STATUS, Buffer.alloc(size))).toEqual(refused('MOBIKEX_PATH_STATUS', `${size} octets`));
    }
  });
});

describe('an IP parameter', () => {
  test.each(['1.0.0.0', '127.0.0.1', '223.255.255.255', '2001:db8::1', 'fe80::1', '::1', '2001:db8:1::'])('may be %s', (address) => {
    expect(added(address)).toMatchObject({ parameters: [{ address, port: 4500 }] });
  });

  const UNUSABLE = ['0.0.0.0', '0.1.2.3', '224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255', '::', 'ff02::1'];
  test.each(UNUSABLE)('may not be %s', (address) => {
    expect(added(address)).toEqual(refused('ADD_SA_ADDRESS', `address ${address}`));
  });

  test('may not be an IPv4-mapped address', () => {
    expect(added('::ffff:a02:2')).toEqual(refused('ADD_SA_ADDRESS', 'address ::ffff:10.2.0.2'));
    expect(added('0:0:0:0:1:ffff:a02:2')).toMatchObject({ parameters: [{ address: '::1:ffff:a02:2' }] });
  });

  test.each<[string, string, ParameterOptions]>([
    ['type 1', 'parameter type 1', { type: 1 }],
    ['family 2', 'family 2', { family: 2 }],
    ['the length of the other family', 'length 16 of IPv6', { family: 6 }],
    ['length 0', 'length 0 of IPv4', { length: 0 }],
    ['length 17', 'length 17 of IPv4', { length: 17 }],
    ['length 65535', 'length 65535 of IPv4', { length: 0xffff }],
    ['a family with the right length that is cut off', 'truncated', { family: 6, length: 28 }],
  ])('may not have %s', (_what, malformed, options) => {
    expect(added('10.2.0.2', options)).toEqual(refused('ADD_SA_ADDRESS', malformed));
  });

  test('may not have another role', () => {
    for (const role of [0, 5, 255]) {
      expect(content(ADD, parameter(role, 1, '10.2.0.2'))).toEqual(refused('ADD_SA_ADDRESS', `role ${role}`));
    }
  });

  test('has flags, a port and reserved octets nobody looks at', () => {
    expect(added('10.2.0.2', { flags: 0xff, port: 0, reserved: 0xffff })).toMatchObject({ parameters: [{ flags: 255, port: 0 }] });
  });
});

describe('the parameters of a request', () => {
  const older = parameter(OLD_SENDER, 0, '10.1.0.2');
  const newer = parameter(NEW_SENDER, 1, '10.2.0.2');
  const peers = [parameter(OLD_PEER, 0, '10.3.0.2'), parameter(NEW_PEER, 0, '10.3.0.3')];

  test('are as the request needs them', () => {
    expect(content(ADD, newer)).toHaveProperty('parameters');
    expect(content(REMOVE, older)).toHaveProperty('parameters');
    for (const both of [
      [older, newer],
      [newer, older],
    ])
      expect(content(UPDATE, ...both)).toHaveProperty('parameters.length', 2);
  });

  test.each<[string, number, Buffer[], string]>([
    ['an addition of an old address', ADD, [older], 'old-sender instead of new-sender'],
    ['an addition of two', ADD, [newer, older], 'old-sender and new-sender instead of new-sender'],
    ['a removal of a new address', REMOVE, [newer], 'new-sender instead of old-sender'],
    ['an update with one address', UPDATE, [newer], 'new-sender instead of old-sender and new-sender'],
    [
      "the peer's addresses",
      UPDATE,
      [older, newer, ...peers],
      'old-sender and new-sender and old-peer and new-peer instead of old-sender and new-sender',
    ],
    ['a role twice', UPDATE, [older, older], 'old-sender twice'],
    ['five of them', UPDATE, [older, newer, ...peers, older], 'more than 4 parameters'],
    ['none', ADD, [], 'empty'],
    ['none, in a removal', REMOVE, [], 'empty'],
    ['an octet too many', UPDATE, [older, newer, Buffer.of(2)], 'truncated'],
    ['a second one that is wrong', UPDATE, [older, parameter(NEW_SENDER, 1, '224.0.0.1')], 'address 224.0.0.1'],
  ])('%s', (_what, type, parts, malformed) => {
    expect(content(type, ...parts)).toEqual(refused(notifyName(type), malformed));
  });

  test('cut anywhere are malformed', () => {
    const whole = Buffer.concat([older, parameter(NEW_SENDER, 1, '2001:db8::2')]);
    expect(content(UPDATE, whole)).toHaveProperty('parameters');
    for (let size = 1; size < whole.length; size++) expect(content(UPDATE, whole.subarray(0, size)), `${size}`).toHaveProperty('malformed');
  });
});

test('the empty UPDATE_SA_ADDRESSES of RFC 4555, and any other notify, have no content', () => {
  expect([content(UPDATE), content(16401, octets('c', 16)), content(41040, supported()), content(41045)]).toEqual([null, null, null, null]);
});

test('random octets, and valid ones with one octet changed, never throw and are understood in whole or not at all', () => {
  const valid = [
    supported(),
    status(1, 3),
    parameter(NEW_SENDER, 1, '10.2.0.2'),
    Buffer.concat([parameter(OLD_SENDER, 0, '2001:db8::1'), parameter(NEW_SENDER, 0, '2001:db8::2')]),
  ];
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 140 }),
    fc.tuple(fc.constantFrom(...valid), fc.nat(255), fc.nat(255)).map(([data, at, octet]) => {
      const changed = Buffer.from(data);
      changed[at % data.length] = octet;
      return changed;
    }),
    fc
      .tuple(fc.constantFrom(...valid), fc.nat(255), fc.uint8Array({ maxLength: 40 }))
      .map(([data, size, more]) => Buffer.concat([data.subarray(0, size % (data.length + 1)), more])),
  );
  const type = fc.constantFrom(SUPPORTED, ADD, REMOVE, PATH_STATUS, UPDATE);
  fc.assert(
    fc.property(type, hostile, (number, data) => {
      const found = mobikexContent({ type: number, data });
      expect(notifyText({ type: number, data })).toMatch(/^[\x20-\x7e]{5,140}$/);
      if (found === null) expect([number, data.length]).toEqual([UPDATE, 0]);
      else if ('malformed' in found) expect(Object.keys(found)).toEqual(['notify', 'malformed']);
      if (found === null || !('parameters' in found)) return;
      const sizes = found.parameters.map(({ address }) => (address.includes(':') ? 28 : 16));
      expect(sizes.reduce<number>((sum, size) => sum + size, 0)).toBe(data.length);
    }),
    { numRuns: 5000 },
  );
});

test.each<[string, number, Uint8Array[]]>([
  ['MOBIKEX_SUPPORTED v1 flags 0x03 max 4', SUPPORTED, [supported()]],
  ['MOBIKEX_SUPPORTED malformed: another magic', SUPPORTED, [Buffer.alloc(8)]],
  ['ADD_SA_ADDRESS path 1 10.2.0.2:4500', ADD, [parameter(NEW_SENDER, 1, '10.2.0.2')]],
  ['ADD_SA_ADDRESS path 2 [2001:db8::2]:4500', ADD, [parameter(NEW_SENDER, 2, '2001:db8::2')]],
  ['ADD_SA_ADDRESS malformed: empty', ADD, []],
  ['REMOVE_SA_ADDRESS path 0', REMOVE, [parameter(OLD_SENDER, 0, '10.1.0.2')]],
  ['UPDATE_SA_ADDRESSES', UPDATE, []],
  ['UPDATE_SA_ADDRESSES path 0 -> 1', UPDATE, [parameter(NEW_SENDER, 1, '10.2.0.2'), parameter(OLD_SENDER, 0, '10.1.0.2')]],
  [
    'UPDATE_SA_ADDRESSES path 0 10.1.0.2:4500 -> 10.2.0.2:500',
    UPDATE,
    [parameter(OLD_SENDER, 0, '10.1.0.2'), parameter(NEW_SENDER, 0, '10.2.0.2', { port: 500 })],
  ],
  ['PATH_STATUS 1 ok', PATH_STATUS, [status(1, 0)]],
  ['PATH_STATUS 7 99', PATH_STATUS, [status(7, 99)]],
  ['COOKIE2', 16401, [octets('c', 16)]],
])('%s', (wanted, type, parts) => {
  expect(text(type, ...parts)).toBe(wanted);
});

describe('a check is an INFORMATIONAL request with COOKIE2 and nothing else', () => {
  const cookie = notify(16401, octets('c', 16));
  const check = (payloads: Payload[], options = {}) => {
    const message = clearIke(
      ikeKeys('aes128', 'sha1'),
      { exchange: 37, messageId: 0, fromInitiator: false, response: false, ...options },
      payloads,
    );
    const data = ipv4({ src: '10.3.0.2', dst: '10.2.0.2', protocol: 17 }, udp(500, 500, message));
    return isPathCheck(decodeFrame({ t: 0, linkType: 101, length: data.length, data }).ike!);
  };

  test('of either side', () => expect([check([cookie]), check([cookie], { fromInitiator: true })]).toEqual([true, true]));

  test('and not less or more', () => {
    expect([
      check([]),
      check([cookie, cookie]),
      check([notify(16388, octets('n', 20))]),
      check([cookie, notify(16400)]),
      check([cookie, { type: 42, body: Buffer.alloc(4) }]),
      check([cookie], { response: true }),
      check([cookie], { exchange: 36 }),
    ]).not.toContain(true);
  });
});
