import { describe, expect, test } from 'vitest';
import { keyLength, ONE_ZONE, openTransport, SUITE_NAMES, sealTransport, suiteNamed, writeOuter } from '../../src/mlipsec/index.ts';
import { checksum, ipv4, udp } from '../pcap/build/net.ts';
import { CIPHERS } from './build/ciphers.ts';
import { datagram, HOME, PEER } from './build/datagram.ts';
import { ordinary } from './build/independent.ts';
import { octets, receiver, sender, spiOf, written } from './build/peers.ts';

const room = Buffer.alloc(2000);

describe.each(CIPHERS)('%s', (_, cipher) => {
  test.each(SUITE_NAMES)('%s: transport mode there and back', (suite) => {
    const world = { suite, zones: ONE_ZONE, cipher };
    const [from, to] = [sender(world), receiver(world)];
    const material = octets('zone 1 ', keyLength(suiteNamed(suite, { fidelity: true })));
    const packets = [
      datagram(40),
      datagram(1200),
      ipv4({ src: HOME, dst: PEER, protocol: 17 }, udp(7, 8, Buffer.alloc(33, 1))),
      ipv4({ src: HOME, dst: PEER, protocol: 1, options: Buffer.alloc(8, 1) }, Buffer.alloc(30, 2)),
      ipv4({ src: HOME, dst: PEER, protocol: 59 }, Buffer.alloc(0)),
    ];
    for (const [index, packet] of packets.entries()) {
      const header = (packet[0]! & 15) * 4;
      const sent = written((out) => sealTransport(from, packet, out));
      expect(checksum(sent.subarray(0, header))).toBe(0);
      expect([sent[9], sent.readUInt16BE(2)]).toEqual([50, sent.length]);
      const esp = ordinary(suite, spiOf(1), index + 1, index, material, packet.subarray(header), packet[9]!);
      expect(sent.subarray(header).toString('hex')).toBe(esp.toString('hex'));
      expect(written((out) => openTransport(to, sent, out)).toString('hex')).toBe(packet.toString('hex'));
    }
  });
});

describe('refused', () => {
  const world = { suite: 'aes128-gcm16', zones: ONE_ZONE } as const;
  const fragment = ipv4({ src: HOME, dst: PEER, protocol: 17, moreFragments: true }, Buffer.alloc(16));
  const long = Buffer.from(datagram(60));
  long.writeUInt16BE(61, 2);
  const deep = Buffer.from(datagram(60));
  deep[0] = 0x4f + 0;
  deep.writeUInt16BE(50, 2);
  const shallow = Buffer.from(datagram(60));
  shallow[0] = 0x44;
  const six = Buffer.alloc(60, 0x60);

  test.each([
    ['nothing', Buffer.alloc(0), 'bad-inner'],
    ['half a header', datagram(60).subarray(0, 19), 'bad-inner'],
    ['IPv6', six, 'bad-inner'],
    ['a fragment', fragment, 'bad-inner'],
    ['a total length beyond the packet', long, 'bad-length'],
    ['a header longer than the packet', deep, 'bad-length'],
    ['a header too short for one', shallow, 'bad-length'],
  ])('%s', (_, packet, reason) => {
    expect(sealTransport(sender(world), packet, room)).toEqual({ ok: false, reason });
    expect(openTransport(receiver(world), packet, room)).toEqual({ ok: false, reason });
  });

  test('other protocols, several zones, too little room', () => {
    expect(openTransport(receiver(world), datagram(60), room)).toEqual({ ok: false, reason: 'bad-next-header' });
    const two = { suite: 'aes128-gcm16' } as const;
    expect(sealTransport(sender(two), datagram(60), room)).toEqual({ ok: false, reason: 'wrong-role' });
    expect(openTransport(receiver(two), datagram(60), room)).toEqual({ ok: false, reason: 'wrong-role' });
    for (const size of [0, 10, 20, 60])
      expect(sealTransport(sender(world), datagram(60), Buffer.alloc(size))).toEqual({ ok: false, reason: 'no-room' });
    const sent = written((out) => sealTransport(sender(world), datagram(60), out));
    for (const size of [0, 10, 20, 60])
      expect(openTransport(receiver(world), sent, Buffer.alloc(size))).toEqual({ ok: false, reason: 'no-room' });
  });

  test('a packet that would become too long', () => {
    const packet = datagram(65_510);
    expect(sealTransport(sender(world), packet, Buffer.alloc(70_000))).toEqual({ ok: false, reason: 'bad-length' });
  });
});

test('an outer header', () => {
  const out = Buffer.alloc(30, 0xff);
  expect(writeOuter(out, { source: 0x0a000001, destination: 0xc0a80102, tos: 0xb8, identification: 7, ttl: 9, payload: 100 })).toBe(20);
  expect(checksum(out.subarray(0, 20))).toBe(0);
  expect(out.toString('hex', 0, 10)).toBe('45b80078000740000932');
  expect(out.toString('hex', 12, 21)).toBe('0a000001c0a80102ff');
});
