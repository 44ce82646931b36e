import { expect, it } from 'vitest';
import { describePacket } from '../../src/compare/describe.ts';
import { layerAt } from '../../src/compare/layers.ts';
import { decodeFrame } from '../../src/pcap/index.ts';
import { EPOCH } from '../metrics/build.ts';
import { clearIke, esp, espKeys, ikeKeys, notify } from '../pcap/build/ipsec.ts';
import { ADD, NEW_SENDER, PATH_STATUS, parameter, status } from '../pcap/build/mobikex.ts';
import { ethernet, flowPayload, ipv4, ipv6, tcp, udp } from '../pcap/build/net.ts';

const V4 = { src: '10.0.0.1', dst: '10.0.0.2' };
const V6 = { src: '2001:db8::1', dst: '2001:db8::2' };
const NAMING = { epoch: EPOCH, zero: 5e8, flows: ['up', 'down'] };

function described(data: Buffer, linkType = 1): string {
  const frame = { t: 0, linkType, length: data.length, data };
  return describePacket(frame, decodeFrame(frame), NAMING);
}

const arp = (operation: number): Buffer =>
  Buffer.concat([
    Buffer.from(`00010800060400${operation.toString(16).padStart(2, '0')}`, 'hex'),
    Buffer.from('0200000000010a0000010000000000000a000002', 'hex'),
  ]);

it.each<[string, Buffer]>([
  ['ARP who has 10.0.0.2, tell 10.0.0.1', ethernet(arp(1), [], 0x0806)],
  ['ARP 10.0.0.1 is at 02:00:00:00:00:01', ethernet(arp(2), [], 0x0806)],
  ['EtherType 0x88cc, 60 octets', ethernet(Buffer.alloc(46), [], 0x88cc)],
  ['link type 1, 5 octets', Buffer.alloc(5)],
  [
    '10.0.0.1 > 10.0.0.2 ICMP echo request, code 0, 8 octets',
    ethernet(ipv4({ ...V4, protocol: 1 }, Buffer.from([8, 0, 0, 0, 0, 0, 0, 0]))),
  ],
  ['10.0.0.1 > 10.0.0.2 ICMP type 77, code 1, 2 octets', ethernet(ipv4({ ...V4, protocol: 1 }, Buffer.from([77, 1])))],
  ['10.0.0.1 > 10.0.0.2 ICMP, 1 octets', ethernet(ipv4({ ...V4, protocol: 1 }, Buffer.from([8])))],
  [
    '2001:db8::1 > 2001:db8::2 ICMPv6 neighbour solicitation, code 0, 24 octets',
    ethernet(ipv6({ ...V6, protocol: 58 }, Buffer.concat([Buffer.of(135), Buffer.alloc(23)]))),
  ],
  ['10.0.0.1:7 > 10.0.0.2:9 UDP 3 octets', ethernet(ipv4({ ...V4, protocol: 17 }, udp(7, 9, Buffer.alloc(3))))],
  [
    '[2001:db8::1]:7 > [2001:db8::2]:9 flow down, 4, sent −400.000000 ms',
    ethernet(ipv6({ ...V6, protocol: 17 }, udp(7, 9, flowPayload(1, 4, EPOCH, 1e8)))),
  ],
  [
    '10.0.0.1:7 > 10.0.0.2:9 flow 2, 4, sent +0.000000 ms',
    ethernet(ipv4({ ...V4, protocol: 17 }, udp(7, 9, flowPayload(2, 4, EPOCH, 5e8)))),
  ],
  [
    '10.0.0.1:7 > 10.0.0.2:9 TCP SYN ACK seq 5 ack 6, 2 octets',
    ethernet(ipv4({ ...V4, protocol: 6 }, tcp(7, 9, 5, 6, 0x12, Buffer.alloc(2)))),
  ],
  ['10.0.0.1 > 10.0.0.2 protocol 47, 4 octets', ethernet(ipv4({ ...V4, protocol: 47 }, Buffer.alloc(4)))],
  [
    '10.0.0.1 > 10.0.0.2 ESP 0x10 3, not decrypted',
    ethernet(ipv4({ ...V4, protocol: 50 }, esp(espKeys('aes128', 'sha256', 16), 3, 4, Buffer.alloc(20)))),
  ],
  ['10.0.0.1 > 10.0.0.2 protocol 17, 0 octets, fragment', ethernet(ipv4({ ...V4, protocol: 17, fragmentOffset: 64 }, Buffer.alloc(30)))],
])('%s', (wanted, data) => {
  // an upper layer nobody decoded, as behind the first fragment, has nothing to tell
  expect(described(data)).toBe(wanted.replace('protocol 17, 0 octets', 'UDP 0 octets'));
});

it.each<[string, boolean, ReturnType<typeof notify>[]]>([
  ['request 3 [ADD_SA_ADDRESS path 1 10.0.0.1:4500, COOKIE2]', false, [notify(ADD, parameter(NEW_SENDER, 1, V4.src)), notify(16401)]],
  ['request 3 [ADD_SA_ADDRESS malformed: truncated]', false, [notify(ADD, Buffer.of(2))]],
  ['path check request 3 [COOKIE2]', false, [notify(16401)]],
  ['response 3 [COOKIE2, PATH_STATUS 1 ok]', true, [notify(16401), notify(PATH_STATUS, status(1, 0))]],
])('MOBIKE-X: INFORMATIONAL %s', (wanted, response, payloads) => {
  const message = clearIke(ikeKeys('aes128', 'sha256'), { exchange: 37, messageId: 3, fromInitiator: true, response }, payloads);
  const data = ethernet(ipv4({ ...V4, protocol: 17 }, udp(500, 500, message)));
  expect(described(data)).toBe(`10.0.0.1:500 > 10.0.0.2:500 INFORMATIONAL ${wanted}`);
});

it('a link type nobody knows', () => {
  expect(described(Buffer.alloc(9), 147)).toBe('link type 147, 9 octets');
});

it.each<[string, Buffer, number, number]>([
  ['link header', ethernet(ipv4({ ...V4, protocol: 17 }, udp(7, 9, Buffer.alloc(8)))), 14, 13],
  ['UDP header', ethernet(ipv4({ ...V4, protocol: 17 }, udp(7, 9, Buffer.alloc(8)))), 14, 41],
  ['UDP payload', ethernet(ipv4({ ...V4, protocol: 17 }, udp(7, 9, Buffer.alloc(8)))), 14, 42],
  ['IPv6 header', ethernet(ipv6({ ...V6, protocol: 6 }, tcp(7, 9, 5, 6, 0, Buffer.alloc(2)))), 14, 53],
  ['TCP header', ethernet(ipv6({ ...V6, protocol: 6 }, tcp(7, 9, 5, 6, 0, Buffer.alloc(2)))), 14, 54],
  ['TCP options or payload', ethernet(ipv6({ ...V6, protocol: 6 }, tcp(7, 9, 5, 6, 0, Buffer.alloc(2)))), 14, 74],
  ['behind the IPv6 header', ethernet(ipv6({ ...V6, protocol: 17 }, udp(7, 9, Buffer.alloc(8)), [[0, Buffer.alloc(7)]])), 14, 60],
  ['ESP header', ethernet(ipv4({ ...V4, protocol: 50 }, esp(espKeys('aes128', 'sha256', 16), 3, 4, Buffer.alloc(20)))), 14, 41],
  ['payload', ethernet(ipv4({ ...V4, protocol: 47 }, Buffer.alloc(4))), 14, 35],
  ['frame', ethernet(arp(1), [], 0x0806), -1, 20],
])('octet of the %s', (wanted, data, ipAt, offset) => {
  expect(layerAt(data, decodeFrame({ t: 0, linkType: 1, length: data.length, data }), ipAt, offset)).toBe(wanted);
});
