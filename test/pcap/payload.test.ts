import { expect, test } from 'vitest';
import { parsePayload } from '../../src/pcap/index.ts';
import { flowPayload } from './build/net.ts';

const EPOCH = 1_700_000_000;

test('flow, sequence number and time relative to the epoch', () => {
  const payload = flowPayload(3, 0xfffffffe, EPOCH + 2, 999_999_999, 64);
  expect(parsePayload(payload, EPOCH)).toEqual({ flow: 3, seq: 0xfffffffe, sent: 2_999_999_999 });
  expect(parsePayload(new Uint8Array(payload), EPOCH + 3)!.sent).toBe(-1);
});

test.each([
  ['too short', (b: Buffer) => b.subarray(0, 31)],
  ['other magic', (b: Buffer) => b.fill('X', 0, 1)],
  ['other version', (b: Buffer) => b.fill(2, 4, 5)],
  ['empty', () => Buffer.alloc(0)],
])('%s is not ours', (_what, damage) => {
  expect(parsePayload(damage(flowPayload(1, 1, EPOCH, 0)), EPOCH)).toBeNull();
});
