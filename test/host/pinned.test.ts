import { expect, it } from 'vitest';
import { addressOf, pinned } from '../../src/host/pinned.ts';
import { readPacket, writePacket } from '../../src/host/raw-socket.ts';
import { SocketMessage } from '../../src/host/socket-message.ts';

it('parts of pinned memory have the addresses of its octets', () => {
  const memory = pinned(100);
  expect(memory).toEqual(new Uint8Array(100));
  expect(addressOf(memory) % 8).toBe(0);
  expect(addressOf(memory.subarray(13, 20))).toBe(addressOf(memory) + 13);
  expect(addressOf(new Uint8Array(memory.buffer, 5))).toBe(addressOf(memory) + 5);
  expect(addressOf(pinned(100))).not.toBe(addressOf(memory));
});

it('memory that may move has no address', () => {
  for (const octets of [new Uint8Array(4), new Uint8Array(4096), Buffer.alloc(10), pinned(10).slice()]) expect(addressOf(octets)).toBe(0);
});

it('control messages are found among others, and not behind what was received', () => {
  const message = new SocketMessage(10, 64);
  message.setI32(message.putControl(0, 1, 2, 4), 7);
  message.setI32(message.putControl(24, 17, 104, 4), 1400);
  message.setControl(48);
  expect(message.receivedInt(17, 104)).toBe(1400);
  expect(message.receivedInt(1, 2)).toBe(7);
  expect(message.receivedInt(17, 103)).toBeNull();
  message.setControl(24);
  expect(message.receivedInt(17, 104)).toBeNull();
  message.setControl(40);
  expect(message.receivedInt(17, 104)).toBeNull();
  // a length that would make the search stand still, or run on
  for (const length of [0, 8, 0xffff]) {
    message.putControl(0, 1, 2, length - 16);
    message.setControl(64);
    expect(message.receivedInt(17, 104)).toBeNull();
  }
});

it('descriptors that are none answer with -errno', () => {
  expect(readPacket(-1, new Uint8Array(10))).toBe(-9);
  expect(writePacket(-1, new Uint8Array(10), 10)).toBe(-9);
});
