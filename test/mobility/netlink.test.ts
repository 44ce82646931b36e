import fc from 'fast-check';
import { expect, describe as group, test } from 'vitest';
import { canonicalAddress, describe } from '../../src/mobility/netlink.ts';
import { address, LOWER_UP, link, message, qdisc, route, TYPE, UP } from './build.ts';

test.each<[string, Buffer]>([
  ['link eth1 up', link(TYPE.NEWLINK, 'eth1', UP | LOWER_UP)],
  ['link eth1 up no-carrier', link(TYPE.NEWLINK, 'eth1', UP)],
  ['link eth1 down', link(TYPE.NEWLINK, 'eth1', 0)],
  ['link eth1 down', link(TYPE.NEWLINK, 'eth1', LOWER_UP)],
  ['link eth1 gone', link(TYPE.DELLINK, 'eth1', UP | LOWER_UP)],
  ['address add 10.1.0.3/24', address(TYPE.NEWADDR, '10.1.0.3', 24)],
  ['address del 10.1.0.2/24', address(TYPE.DELADDR, '10.1.0.2', 24)],
  ['address del 10.1.0.2/32', address(TYPE.DELADDR, '10.1.0.2', 32, '10.1.0.9')], // its own address, not the peer's
  ['address add 2001:db8::1/64', address(TYPE.NEWADDR, '2001:db8:0:0:0:0:0:1', 64)],
  ['address del 2001:db8:0:0:1::/64', address(TYPE.DELADDR, '2001:db8:0:0:1:0:0:0', 64)], // the longest run of zeros, not the first
  ['address add 1:0:2:3:4:5:6:7/64', address(TYPE.NEWADDR, '1:0:2:3:4:5:6:7', 64)], // a single zero is written
  ['address add ::1/128', address(TYPE.NEWADDR, '0:0:0:0:0:0:0:1', 128)],
  ['route add default', route(TYPE.NEWROUTE, null, 0)],
  ['route del 10.9.0.0/24', route(TYPE.DELROUTE, '10.9.0.0', 24)],
  ['route add 2001:db8:9::/48', route(TYPE.NEWROUTE, '2001:db8:9:0:0:0:0:0', 48)],
  ['qdisc add', qdisc(TYPE.NEWQDISC)],
  ['qdisc del', qdisc(TYPE.DELQDISC)],
])('%s', (said, datagram) => {
  expect(describe(datagram)).toEqual([said]);
});

group('datagrams', () => {
  const several = [
    address(TYPE.DELADDR, '10.1.0.2', 24),
    message(3, Buffer.alloc(4)),
    link(TYPE.NEWLINK, 'a-name-of-15-ch', 0),
    qdisc(TYPE.NEWQDISC),
  ];

  test('hold several messages, read in order; what is not ours is passed over', () => {
    expect(describe(Buffer.concat(several))).toEqual(['address del 10.1.0.2/24', 'link a-name-of-15-ch down', 'qdisc add']);
  });

  test('cut off anywhere say what is whole', () => {
    const all = Buffer.concat(several);
    const said = describe(all);
    for (let length = 0; length <= all.length; length++) {
      const found = describe(all.subarray(0, length));
      expect(found).toEqual(said.slice(0, found.length));
    }
    expect(describe(all.subarray(0, all.length - 1))).toHaveLength(2);
  });

  test('a message shorter than its own kind says nothing', () => {
    for (const type of Object.values(TYPE).filter((t) => t < 36)) expect(describe(message(type, Buffer.alloc(4)))).toEqual([]);
  });

  test('a message of length 0 does not hold up the reader', () => {
    expect(describe(Buffer.alloc(64))).toEqual([]);
  });
});

test('whatever comes is described without throwing', () => {
  const damaged = fc
    .tuple(
      fc.constantFrom(
        link(16, 'eth0', 1),
        address(21, '10.0.0.1', 8),
        address(20, '1:2:3:4:5:6:7:8', 64),
        route(25, '10.0.0.0', 8),
        qdisc(36),
      ),
      fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 6 }),
    )
    .map(([bytes, changes]) => {
      const copy = Buffer.concat([bytes, bytes]);
      for (const [at, value] of changes) copy[at % copy.length] = value;
      return copy;
    });
  const any = fc.oneof(
    damaged,
    fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b)),
  );
  fc.assert(
    fc.property(any, (datagram) => {
      for (const said of describe(datagram)) expect(said).toMatch(/^(link|address|route|qdisc) /);
    }),
    { numRuns: 1000 },
  );
});

test('one text per address', () => {
  const same = ['2001:DB8::1', '2001:db8:0:0::1', '2001:0db8:0000:0000:0000:0000:0000:0001'];
  expect(new Set(same.map(canonicalAddress))).toEqual(new Set(['2001:db8::1']));
  expect(canonicalAddress('10.1.0.2')).toBe('10.1.0.2');
});
