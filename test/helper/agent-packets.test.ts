/** What an agent reads of packets from anyone. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readOuter } from '../../src/helper/agent/outer.ts';
import { PacketStore } from '../../src/helper/agent/store.ts';
import { readTcp } from '../../src/helper/agent/tcp.ts';
import { tcpPacket } from '../../src/helper/warm-up/material.ts';
import { internetChecksum } from '../../src/mlipsec/checksum.ts';
import { putU16 } from '../../src/mlipsec/octets.ts';

const tcp = (length = 100) => tcpPacket({ source: 0x0a090001, destination: 0x0a0a0002, seq: 7, ack: 9, length });

/** An IPv4 packet around octets. */
function around(protocol: number, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(20 + payload.length);
  packet.set(tcp(0).subarray(0, 20));
  putU16(packet, 2, packet.length);
  packet[9] = protocol;
  packet.set(payload, 20);
  return packet;
}

describe('from outside', () => {
  const esp = new Uint8Array(64).fill(9);
  const udp = (source: number, destination: number, length = 8 + esp.length) => {
    const datagram = new Uint8Array(8 + esp.length);
    putU16(datagram, 0, source);
    putU16(datagram, 2, destination);
    putU16(datagram, 4, length);
    datagram.set(esp, 8);
    return around(17, datagram);
  };

  test.each([
    ['ESP', around(50, esp), { kind: 'esp', at: 20, end: 84 }],
    ['ESP in UDP, either way', udp(4500, 999), { kind: 'esp', at: 28, end: 92 }],
    ['ESP in UDP', udp(999, 4500), { kind: 'esp', at: 28, end: 92 }],
    ['other UDP', udp(999, 4501), { kind: 'other' }],
    ['UDP longer than its packet', udp(4500, 4500, 1000), { kind: 'other' }],
    ['UDP shorter than its header', udp(4500, 4500, 3), { kind: 'other' }],
    ['IP in IP', around(4, tcp()), { kind: 'clear', at: 20, end: 160 }],
    ['TCP', tcp(), { kind: 'clear', at: 0, end: 140 }],
    ['ICMP', around(1, esp), { kind: 'other' }],
    ['ESP without a sequence number', around(50, esp.subarray(0, 7)), { kind: 'other' }],
    ['nothing', new Uint8Array(0), { kind: 'other' }],
  ])('%s', (_, packet, expected) => expect(readOuter(packet)).toMatchObject(expected));

  test('fragments, options, IPv6 and packets cut off are nothing for an agent', () => {
    const changed = (at: number, value: number) => around(50, esp).map((octet, i) => (i === at ? value : octet));
    for (const packet of [changed(6, 0x20), changed(7, 1), changed(0, 0x46), changed(0, 0x65), around(50, esp).subarray(0, 60)]) {
      expect(readOuter(packet).kind).toBe('other');
    }
  });

  test('whatever comes, what is named is in the packet', () => {
    const octets = fc.uint8Array({ maxLength: 200 }).map((b) => b.map((octet, i) => (i === 0 && octet < 200 ? 0x45 : octet)));
    fc.assert(
      fc.property(octets, (packet) => {
        const { kind, at, end } = readOuter(packet);
        if (kind === 'other') return;
        expect(at).toBeLessThan(end);
        expect(end).toBeLessThanOrEqual(packet.length);
        if (kind === 'clear') readTcp(packet.subarray(at, end), end - at);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the TCP header', () => {
  test('is read from 40 octets', () => {
    const view = readTcp(tcp(100).subarray(0, 40), 1400);
    expect(view).toMatchObject({ source: 0x0a090001, sourcePort: 5001, destination: 0x0a0a0002, destinationPort: 40_000, seq: 7, ack: 9 });
    expect(view).toMatchObject({ window: 0xffff, length: 100, hasAck: true, flags: { syn: false, fin: false, rst: false }, sack: false });
  });

  test('with lengths that contradict each other is none', () => {
    expect(readTcp(tcp(100).subarray(0, 39), 1400)).toBeNull();
    expect(readTcp(tcp(100), 139)).toBeNull();
    const offset = (words: number) => tcp(0).map((octet, i) => (i === 32 ? words << 4 : octet));
    expect(readTcp(offset(4), 1400)).toBeNull();
    expect(readTcp(offset(6), 1400)).toBeNull();
  });

  test.each([
    ['SACK behind NOPs', [1, 1, 5, 10], true],
    ['timestamps only', [8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0], false],
    ['the end of options before it', [0, 5, 10], false],
    ['an option of no length', [8, 0, 5], false],
  ])('%s', (_, options, sack) => {
    const packet = tcp(40);
    packet[32] = 8 << 4;
    packet.set(options, 40);
    expect(readTcp(packet, 1400)?.sack).toBe(sack);
    // in zones, options are for the ends
    expect(readTcp(packet.subarray(0, 40), 1400)?.sack).toBeNull();
  });
});

describe('copies', () => {
  test('have the TOS that overtakes, a right checksum, and are otherwise as they came', () => {
    const store = new PacketStore(true);
    const packet = tcp(100);
    packet[1] = 0x2b;
    putU16(packet, 10, 0);
    putU16(packet, 10, internetChecksum(packet, 0, 20));
    store.keep(1, packet);
    const { memory, length } = store.get(1)!;
    const copy = memory.slice(0, length);
    expect(copy[1]).toBe(0x13); // ECN stays
    expect(internetChecksum(copy, 0, 20)).toBe(0);
    copy[1] = packet[1]!;
    copy.set(packet.subarray(10, 12), 10);
    expect(copy).toEqual(packet);
  });

  test('without priority are as they came, large ones too; memory goes round', () => {
    const store = new PacketStore(false);
    store.keep(1, tcp(100));
    const { memory } = store.get(1)!;
    store.drop(1);
    store.drop(1);
    expect(store.size).toBe(0);
    store.keep(2, tcp(50));
    expect(store.get(2)?.memory).toBe(memory);
    store.keep(3, tcp(9000));
    expect(store.get(3)?.memory.subarray(0, 9040)).toEqual(tcp(9000));
  });
});
