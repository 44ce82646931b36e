import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePayload } from '../../src/pcap/index.ts';
import { HEADER_LENGTH, initPayload, readPayload, stampPayload } from '../../src/traffic/payload.ts';

function made(flow: number, sequence: number, seconds: number, nanoseconds: number, size = HEADER_LENGTH): Buffer {
  const buffer = Buffer.alloc(size, 0xee);
  initPayload(buffer, flow);
  stampPayload(buffer, sequence, seconds, nanoseconds);
  return buffer;
}

test('the octets', () => {
  const buffer = made(7, 258, 0x6925_0200, 999_999_999);
  expect(buffer.toString('hex', 0, 5)).toBe('524c414201');
  expect(buffer.toString('hex', 8, 28)).toBe('00000007' + '00000102' + '0000000069250200' + '3b9ac9ff');
});

test('what is stamped is read back, also past 2038 and 2106', () => {
  const u32 = fc.nat(0xffff_ffff);
  fc.assert(
    fc.property(u32, u32, fc.nat(0x3_0000_0000), fc.nat(999_999_999), (flow, sequence, seconds, nanoseconds) => {
      const buffer = made(flow, sequence, seconds, nanoseconds);
      const epoch = seconds - 5;
      expect(readPayload(buffer, buffer.length, epoch)).toEqual({ flow, sequence, sent: 5e9 + nanoseconds });
    }),
  );
});

test('captures and receivers read the same', () => {
  const epoch = 1_764_032_000;
  const buffer = made(3, 41, epoch + 2, 17, 200);
  const received = readPayload(buffer, buffer.length, epoch)!;
  expect(parsePayload(buffer, epoch)).toEqual({ flow: received.flow, seq: received.sequence, sent: received.sent });
});

describe('not ours', () => {
  const whole = made(1, 2, 3, 4, 64);
  test.each<[string, Buffer, number]>([
    ['one octet short', whole, HEADER_LENGTH - 1],
    ['nothing', whole, 0],
    ['another magic', Buffer.concat([Buffer.from('RLAC'), whole.subarray(4)]), 64],
    ['another version', Buffer.concat([whole.subarray(0, 4), Buffer.from([2]), whole.subarray(5)]), 64],
  ])('%s', (_, buffer, length) => {
    expect(readPayload(buffer, length, 0)).toBeNull();
  });
});

test('the rest of the payload stays as it was', () => {
  expect(made(1, 2, 3, 4, 40).subarray(HEADER_LENGTH)).toEqual(Buffer.alloc(8, 0xee));
});
