/** What the end checks after decryption: trailers, lengths, addresses. The sender here is genuine and mistaken, or worse. */
import { describe, expect, test } from 'vitest';
import { aadOf } from '../../src/mlipsec/binding.ts';
import { ONE_ZONE, type OpenOptions, open, seal } from '../../src/mlipsec/index.ts';
import { sealUnit } from '../../src/mlipsec/unit.ts';
import { datagram } from './build/datagram.ts';
import { receiver, sender, type World, written } from './build/peers.ts';

const room = Buffer.alloc(70_000);
const one: World = { suite: 'aes128-gcm16', zones: ONE_ZONE };
const two: World = { suite: 'aes128-gcm16' };

/** An authentic unit of a zone around these octets, trailer included, in layout P without binding. */
function unit(world: World, plain: Buffer, k = 0): Buffer {
  const from = sender({ ...world, bind: 'none' });
  const sa = from.sas[k]!;
  const out = Buffer.alloc(plain.length + 32);
  out.writeUInt32BE(sa.spi, 0);
  out.writeUInt32BE(1, 4);
  out.set(plain, 16);
  sealUnit(sa, aadOf(from, k, 1, 1, plain, 0), out, 8, plain.length);
  return out;
}
const outcome = (world: World, payload: Uint8Array, options?: OpenOptions) => {
  const opened = open(receiver(world), payload, room, options);
  return opened.ok ? opened.length : opened.reason;
};
const padded = (data: Uint8Array, ...trailer: number[]) => Buffer.concat([data, Buffer.from(trailer)]);

describe('the trailer', () => {
  const data = datagram(48);
  test.each([
    ['is right', padded(data, 1, 2, 2, 4), 48],
    ['has more padding than needed', padded(data, 1, 2, 3, 4, 5, 6, 6, 4), 48],
    ['counts wrong', padded(data, 2, 1, 2, 4), 'bad-padding'],
    ['is filled with zeros', padded(data, 0, 0, 2, 4), 'bad-padding'],
    ['says more padding than there is', padded(data, 1, 2, 255, 4), 'bad-padding'],
    ['says less padding than there is, so that the datagram is followed by something', padded(data, 1, 2, 0, 4), 48],
    ['announces IPv6', padded(data, 1, 2, 2, 41), 'bad-next-header'],
    ['announces a dummy packet', padded(data, 1, 2, 2, 59), 'dummy'],
  ])('%s', (_, plain, expected) => {
    expect(outcome(one, unit(one, plain))).toBe(expected);
  });

  test('traffic-flow padding behind the datagram is trimmed with one zone (RFC 4303 section 2.7), and refused with two', () => {
    const plain = padded(Buffer.concat([datagram(36), Buffer.alloc(2)]), 0, 4);
    expect(outcome(one, unit(one, plain))).toBe(36);
    expect(outcome(two, unit(two, plain))).toBe('bad-total-length');
    expect(outcome(one, unit(one, plain), { totalLength: 'exact' })).toBe('bad-total-length');
    expect(outcome(one, unit(one, plain), { totalLength: 'unchecked' })).toBe(38);
  });

  test('zone 1 of layout P never holds more than the zone', () => {
    expect(outcome(two, unit(two, padded(datagram(40), 1, 2, 2, 4)))).toBe(40);
    expect(outcome(two, unit(two, padded(Buffer.concat([datagram(40), Buffer.alloc(2)]), 0, 4)))).toBe('bad-length');
  });
});

test('layout P: a unit that another follows is full, and one that follows is not empty', () => {
  const world: World = { suite: 'aes128-gcm16', bind: 'none' };
  const data = datagram(46);
  const full = unit(world, padded(data.subarray(0, 40), 1, 2, 2, 4));
  const rest = unit(world, padded(data.subarray(40), 0, 4), 1);
  expect(outcome(world, Buffer.concat([full, rest]))).toBe(46);
  const less = unit(world, padded(data.subarray(0, 38), 1, 2, 3, 4, 4, 4));
  expect(outcome(world, Buffer.concat([less, rest]), { totalLength: 'unchecked' })).toBe('bad-length');
  const nothing = unit(world, Buffer.of(1, 2, 2, 4), 1);
  const alone = unit(world, padded(datagram(40), 1, 2, 2, 4));
  expect(outcome(world, Buffer.concat([alone, nothing]))).toBe('bad-length');
});

describe('addresses', () => {
  const payload = written((out) => seal(sender(two), datagram(99), out));
  test.each([
    [{ source: { address: 0x0a050007, prefix: 32 } }, 99],
    [{ source: { address: 0x0a050008, prefix: 32 } }, 'wrong-selector'],
    [{ source: { address: 0x0a050008, prefix: 28 } }, 99],
    [{ source: { address: 0xffffffff, prefix: 0 }, destination: { address: 0x0a080001, prefix: 32 } }, 99],
    [{ destination: { address: 0x0a080101, prefix: 24 } }, 'wrong-selector'],
    [{ destination: { address: 0x8a080001, prefix: 1 } }, 'wrong-selector'],
  ])('%j', (options, expected) => {
    expect(outcome(two, payload, options)).toBe(expected);
  });
});

test('what is no IPv4 datagram is not delivered as one', () => {
  const payload = written((out) => seal(sender(one), Buffer.alloc(60, 0x66), out));
  expect(outcome(one, payload)).toBe('bad-inner');
  const tiny = written((out) => seal(sender(one), Buffer.alloc(10, 0x45), out));
  expect(outcome(one, tiny)).toBe('bad-inner');
  const six = written((out) => seal(sender(one), Buffer.alloc(60, 0x66), out, 41));
  expect(outcome(one, six)).toBe('bad-next-header');
  expect(outcome(one, six, { nextHeader: 41 })).toBe(60);
});

test('layout C: a short datagram is followed by zeros up to the end of zone 1', () => {
  const world: World = { suite: 'aes128-gcm16', layout: 'C' };
  const from = sender(world);
  const payload = written((out) => seal(from, datagram(28), out));
  expect(outcome(world, payload)).toBe(28);
  // the same sender, with octets behind the datagram
  const plain = Buffer.concat([datagram(28), Buffer.alloc(12)]);
  plain[33] = 1;
  const other: World = { ...world, bind: 'none' };
  const second = written((out) => seal(sender(other), datagram(28), out));
  second.set(plain, 16);
  sealUnit(sender(world, 1).designated, aadOf(from, 0, 1, 1, plain, 0), second, 8, 40);
  expect(outcome(other, second)).toBe('bad-padding');
});

describe('what is not sealed', () => {
  const refused = (inner: Uint8Array, room_ = room) => {
    const from = sender(two);
    const result = seal(from, inner, room_);
    expect(from.seq).toBe(0);
    return result.ok ? result.length : result.reason;
  };

  test('with several zones: anything but a whole IPv4 datagram', () => {
    expect(refused(Buffer.alloc(0))).toBe('bad-inner');
    expect(refused(datagram(20).subarray(0, 19))).toBe('bad-inner');
    expect(refused(Buffer.alloc(60, 0x60))).toBe('bad-inner');
    expect(refused(datagram(60).subarray(0, 59))).toBe('bad-total-length');
    expect(seal(sender(two), datagram(60), room, 41)).toEqual({ ok: false, reason: 'bad-inner' });
  });

  test('what does not fit', () => {
    expect(refused(datagram(65_500))).toBe('bad-length');
    expect(refused(datagram(60), Buffer.alloc(100))).toBe('no-room');
  });

  test('at an end that does not send', () => {
    expect(seal(receiver(two), datagram(60), room)).toEqual({ ok: false, reason: 'wrong-role' });
  });
});
