import { expect, test } from 'vitest';
import { decodeFrame } from '../../src/pcap/index.ts';
import { cooked1, cooked2, DST_MAC, ethernet, ipv4, ipv6, SRC_MAC, udp } from './build/net.ts';

const four = ipv4({ src: '192.0.2.1', dst: '192.0.2.2', protocol: 17 }, udp(1, 2, Buffer.from('data')));
const six = ipv6({ src: '2001:db8::1', dst: '2001:db8::2', protocol: 17 }, udp(1, 2, Buffer.from('data')));
const decode = (linkType: number, data: Buffer) => decodeFrame({ t: 42, linkType, length: data.length, data });
const family = (...octets: number[]) => Buffer.from(octets);

test.each([
  ['Ethernet', 1, ethernet(four), 4],
  ['Ethernet, IPv6', 1, ethernet(six), 6],
  ['Ethernet, 802.1Q', 1, ethernet(four, [[0x8100, 5]]), 4],
  ['Ethernet, 802.1ad over 802.1Q', 1, ethernet(six, [[0x88a8, 5], [0x8100, 6]]), 6], // biome-ignore format: a row
  ['raw', 101, four, 4],
  ['raw, IPv6', 101, six, 6],
  ['DLT_RAW', 12, four, 4],
  ['DLT_RAW of OpenBSD', 14, six, 6],
  ['IPv4', 228, four, 4],
  ['IPv6', 229, six, 6],
  ['cooked', 113, cooked1(four, 0), 4],
  ['cooked v2', 276, cooked2(six, 0), 6],
  ['null, little endian', 0, Buffer.concat([family(2, 0, 0, 0), four]), 4],
  ['null, big endian', 0, Buffer.concat([family(0, 0, 0, 2), four]), 4],
  ['null, macOS IPv6', 0, Buffer.concat([family(30, 0, 0, 0), six]), 6],
  ['loop', 108, Buffer.concat([family(0, 0, 0, 24), six]), 6],
])('%s', (_name, linkType, data, version) => {
  const packet = decode(linkType, data);
  expect(packet).toMatchObject({ t: 42, ipVersion: version, protocol: 17, srcPort: 1, dstPort: 2 });
  expect(packet.src).toBe(version === 4 ? '192.0.2.1' : '2001:db8::1');
  expect(packet.dst).toBe(version === 4 ? '192.0.2.2' : '2001:db8::2');
  expect(Buffer.from(packet.payload).toString()).toBe('data');
});

test('MAC addresses come from Ethernet only, the direction from cooked captures only', () => {
  expect(decode(1, ethernet(four))).toMatchObject({ srcMac: SRC_MAC, dstMac: DST_MAC, direction: null });
  expect(decode(113, cooked1(four, 4))).toMatchObject({ srcMac: null, dstMac: null, direction: 'out' });
  expect(decode(113, cooked1(four, 0)).direction).toBe('in');
  expect(decode(276, cooked2(four, 4)).direction).toBe('out');
  expect(decode(276, cooked2(four, 1)).direction).toBe('in');
});

test.each([
  ['ARP', 1, ethernet(Buffer.alloc(28), [], 0x0806)],
  ['802.3 length', 1, ethernet(Buffer.alloc(46), [], 46)],
  ['an EtherType that contradicts the version', 1, ethernet(six, [], 0x0800)],
  ['tags to the end', 1, ethernet(Buffer.alloc(0), [[0x8100, 1], [0x8100, 1]], 0x8100)], // biome-ignore format: a row
  ['IPv6 in an IPv4 link', 228, six],
  ['another family', 0, Buffer.concat([family(7, 0, 0, 0), four])],
  ['an unknown link type', 147, four],
  ['nothing', 1, Buffer.alloc(0)],
])('not IP: %s', (_name, linkType, data) => {
  expect(decode(linkType, data)).toMatchObject({ ipVersion: 0, protocol: -1, src: '', dst: '', ike: null, esp: null });
});
