import { readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  AF,
  bind,
  close,
  connect,
  enterNetworkNamespace,
  inNetworkNamespace,
  nanosecondsSince,
  poll,
  realtime,
  receive,
  receiveTime,
  SO_RCVBUF,
  SOCK,
  SOL_SOCKET,
  sendTo,
  setOption,
  socket,
  socketAddress,
} from '../../src/host/libc.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('socketAddress', () => {
  test.each([
    ['127.0.0.1', 53, `020000357f000001${'00'.repeat(8)}`],
    ['10.1.0.255', 65535, `0200ffff0a0100ff${'00'.repeat(8)}`],
    ['::', 1, `0a00000100000000${'00'.repeat(16)}00000000`],
    ['::1', 80, `0a00005000000000${'00'.repeat(15)}0100000000`],
    ['2001:db8::', 0, `0a0000000000000020010db8${'00'.repeat(12)}00000000`],
    ['2001:db8:1:2:3:4:5:6', 7000, '0a001b580000000020010db800010002000300040005000600000000'],
    ['fe80::a:b', 9, `0a00000900000000fe80${'00'.repeat(10)}000a000b00000000`],
    ['::ffff:192.0.2.1', 5, `0a00000500000000${'00'.repeat(10)}ffffc000020100000000`],
  ])('%s port %i', (address, port, bytes) => {
    expect(hex(socketAddress(address, port))).toBe(bytes);
  });
});

describe('clock', () => {
  test('is the wall clock, in order, and counts from an epoch', () => {
    const before = Date.now();
    const { seconds, nanoseconds } = realtime();
    const epoch = seconds - 10;
    const since = nanosecondsSince(epoch);
    const after = Date.now();
    const ms = seconds * 1000 + nanoseconds / 1e6;
    expect(ms).toBeGreaterThanOrEqual(before - 1);
    expect(ms).toBeLessThanOrEqual(after + 1);
    expect(since).toBeGreaterThanOrEqual(10e9 + nanoseconds);
    expect(nanoseconds).toBeLessThan(1e9);
  });
});

/** Two sockets, the receiver on the first free port from one that differs per process. */
function pair(address: string, family: number): { receiver: number; sender: number; to: Uint8Array } {
  const receiver = socket(family, SOCK.DGRAM, 0);
  for (let port = 42_000 + (process.pid % 20_000); ; port++) {
    try {
      bind(receiver, socketAddress(address, port));
      return { receiver, sender: socket(family, SOCK.DGRAM, 0), to: socketAddress(address, port) };
    } catch (error) {
      if (!/errno 98/.test(String(error))) throw error; // EADDRINUSE
    }
  }
}

describe('UDP on loopback', () => {
  test('what is sent arrives whole, stamped by the kernel between sending and reading', () => {
    const { receiver, sender, to } = pair('127.0.0.1', AF.INET);
    const { seconds: epoch } = realtime();
    expect(receiveTime(receiver, epoch)).toBeNull(); // turns stamping on
    const buffer = Buffer.alloc(100);
    expect(receive(receiver, buffer)).toBe(0);
    const before = nanosecondsSince(epoch);
    expect(sendTo(sender, Buffer.from('hello'), to)).toBe(5);
    expect(poll([sender, receiver], 5e9)).toBe(true);
    expect(receive(receiver, buffer)).toBe(5);
    expect(buffer.toString('utf8', 0, 5)).toBe('hello');
    const stamp = receiveTime(receiver, epoch)!;
    expect(stamp).toBeGreaterThanOrEqual(before);
    expect(stamp).toBeLessThanOrEqual(nanosecondsSince(epoch));
    expect(poll([receiver], 0)).toBe(false);
    close(receiver);
    close(sender);
  });

  test('a datagram longer than the buffer is cut, not carried over', () => {
    const { receiver, sender, to } = pair('127.0.0.1', AF.INET);
    setOption(receiver, SOL_SOCKET, SO_RCVBUF, 1 << 16);
    sendTo(sender, Buffer.from('0123456789'), to);
    sendTo(sender, Buffer.from('ab'), to);
    expect(poll([receiver], 5e9)).toBe(true);
    const buffer = Buffer.alloc(4);
    expect([receive(receiver, buffer), buffer.toString(), receive(receiver, buffer)]).toEqual([4, '0123', 2]);
    close(receiver);
    close(sender);
  });
});

describe('refusals', () => {
  test('carry the errno: -errno from sending, a throw from the rest', () => {
    const fd = socket(AF.INET, SOCK.DGRAM, 0);
    expect(sendTo(fd, Buffer.alloc(70_000), socketAddress('127.0.0.1', 9))).toBe(-90); // EMSGSIZE
    expect(() => bind(fd, socketAddress('192.0.2.1', 0))).toThrow('bind: errno 99'); // EADDRNOTAVAIL
    expect(() => connect(-1, socketAddress('127.0.0.1', 9))).toThrow('connect: errno 9');
    expect(() => socket(99, 1, 0)).toThrow(/^socket: errno 9[37]$/);
    close(fd);
  });

  test('a namespace that is not there leaves the thread where it was', () => {
    const home = readlinkSync('/proc/thread-self/ns/net');
    expect(() => enterNetworkNamespace('/nonexistent')).toThrow('cannot open network namespace /nonexistent: errno 2');
    expect(() => inNetworkNamespace('/etc/passwd', () => expect.unreachable())).toThrow(
      /cannot enter network namespace \/etc\/passwd: errno (1|22)/,
    );
    expect(readlinkSync('/proc/thread-self/ns/net')).toBe(home);
  });
});
