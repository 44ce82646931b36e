import { afterEach, describe, expect, test } from 'vitest';
import { close, SOL_SOCKET, setOption } from '../../src/host/libc.ts';
import {
  droppedBy,
  openPair,
  openReceiver,
  openSender,
  openUdp,
  readPacket,
  receivePacket,
  sendPacket,
  writePacket,
} from '../../src/host/raw-socket.ts';
import { openTun } from '../../src/host/tun.ts';

const SO_RCVBUF = 8;
const open: number[] = [];
const kept = (fd: number): number => {
  open.push(fd);
  return fd;
};
afterEach(() => {
  for (const fd of open.splice(0)) close(fd);
});

test('a pipe keeps packets apart and never blocks', () => {
  const [a, b] = openPair().map(kept) as [number, number];
  const buffer = new Uint8Array(16);
  expect(readPacket(b, buffer)).toBe(0);
  expect(writePacket(a, new Uint8Array([1, 2, 3]), 3)).toBe(3);
  expect(sendPacket(a, new Uint8Array([4, 5, 6]), 2, null)).toBe(2);
  expect(receivePacket(b, buffer)).toBe(3);
  expect(readPacket(b, buffer)).toBe(2);
  expect([...buffer.subarray(0, 3)]).toEqual([4, 5, 3]);
  expect(receivePacket(b, buffer)).toBe(0);
  close(open.shift()!);
  expect(writePacket(b, buffer, 1)).toBeLessThan(0);
});

describe.skipIf(process.getuid?.() !== 0)('as root (skipped otherwise)', () => {
  const PORT = 46_511;

  test('a socket knows what it had no room for', () => {
    const fd = kept(openUdp('127.0.0.1', '127.0.0.1', PORT));
    setOption(fd, SOL_SOCKET, SO_RCVBUF, 4096);
    const packet = new Uint8Array(1000);
    for (let i = 0; i < 50; i++) expect(sendPacket(fd, packet, packet.length, null)).toBe(1000);
    let received = 0;
    while (receivePacket(fd, packet) > 0) received += 1;
    expect(received).toBeGreaterThan(0);
    expect(droppedBy(fd)).toBe(50 - received);
    expect(droppedBy(kept(openUdp('127.0.0.1', '127.0.0.1', PORT + 1)))).toBe(0);
  });

  test('a packet goes out with the header that was written for it', () => {
    const experimental = 253; // RFC 3692
    const receiver = kept(openReceiver(experimental, '127.0.0.1', '127.0.0.1'));
    const sender = kept(openSender());
    const address = new Uint8Array(16);
    address.set([2, 0, 0, 0, 127, 0, 0, 1]);
    const packet = new Uint8Array(24);
    packet.set([0x45, 0x2c, 0, 24, 0x12, 0x34, 0x40, 0, 77, experimental, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1, 9, 8, 7, 6]);
    expect(sendPacket(sender, packet, packet.length, address)).toBe(24);
    const got = new Uint8Array(100);
    expect(receivePacket(receiver, got)).toBe(24);
    // the checksum is the kernel's
    expect([...got.subarray(0, 10), ...got.subarray(12, 24)]).toEqual([...packet.subarray(0, 10), ...packet.subarray(12, 24)]);
  });

  test.each(['', 'a/b', '..', '-x', 'sixteen-letters-', 'a b'])('%j is no name for an interface', (name) => {
    expect(() => openTun(name, { mtu: 1400 })).toThrow('is no name for a TUN interface');
  });
});
