import { afterEach, expect, it } from 'vitest';
import { close, EAGAIN, poll } from '../../src/host/libc.ts';
import { BatchReceiver, BatchSender, openBatchUdp } from '../../src/host/udp-gso.ts';

const open: number[] = [];
afterEach(() => {
  for (const fd of open.splice(0)) close(fd);
});

/** Two sockets of this machine; only root may have buffers of any size. */
function pair(port: number): [number, number] {
  const ends: [number, number] = [openBatchUdp('127.0.0.2', '127.0.0.3', port), openBatchUdp('127.0.0.3', '127.0.0.2', port)];
  open.push(...ends);
  return ends;
}

it.runIf(process.getuid?.() === 0)('a row of datagrams arrives as it was sent, cut where it was cut', () => {
  const [a, b] = pair(47_001);
  const sender = new BatchSender(a);
  const receiver = new BatchReceiver(b);
  expect(receiver.receive()).toBe(-EAGAIN);
  for (let i = 0; i < 5500; i++) sender.data[i] = i * 7;
  expect(sender.send(5500, 1000, 0x10)).toBe(0);
  expect(sender.send(300, 300, 0)).toBe(0);
  const sizes: number[] = [];
  let octets = 0;
  while (octets < 5800) {
    expect(poll([b], 1e9)).toBe(true);
    const got = receiver.receive();
    const from = octets < 5500 ? octets : 0;
    for (let i = 0; i < got; i++) expect(receiver.data[i]).toBe(((from + i) * 7) & 0xff);
    for (let at = 0; at < got; at += receiver.size) sizes.push(Math.min(receiver.size, got - at));
    octets += got;
  }
  expect(sizes).toEqual([1000, 1000, 1000, 1000, 1000, 500, 300]);
});

it.runIf(process.getuid?.() === 0)('what does not fit the way is an errno, and an address that is none an exception', () => {
  const [a] = pair(47_002);
  const sender = new BatchSender(a);
  expect(sender.send(65_507, 65_508, 0)).toBe(0);
  // more datagrams than a row may have
  expect(sender.send(65_507, 1, 0)).toBe(-22);
  expect(() => sender.send(65_508, 1000, 0)).toThrow(RangeError);
  expect(() => openBatchUdp('127.0.0.2', '127.0.0.3', 47_002)).toThrow('errno');
});
