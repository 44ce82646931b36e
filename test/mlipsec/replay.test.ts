import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { open, ReplayWindow, seal } from '../../src/mlipsec/index.ts';
import { datagram } from './build/datagram.ts';
import { receiver, sender, written } from './build/peers.ts';

describe('the window', () => {
  /** Numbers one after the other, all of them offered for remembering, against a list of those seen. */
  function compare(size: number, numbers: Iterable<number | ((top: number) => number)>): void {
    const window = new ReplayWindow(size);
    const seen = new Set<number>();
    let top = 0;
    for (const one of numbers) {
      const seq = typeof one === 'number' ? one : one(top);
      const expected = seq === 0 || (seen.has(seq) && top - seq < size) ? 'replayed' : top - seq >= size ? 'too-old' : null;
      expect(window.check(seq)).toBe(expected);
      window.commit(seq);
      if (expected !== null) continue;
      seen.add(seq);
      top = Math.max(top, seq);
      expect(window.check(seq)).toBe('replayed');
    }
    expect(window.top).toBe(top);
  }

  test('agrees with a list of all numbers seen', () => {
    const number = fc.oneof(fc.nat(200), fc.nat(3000), fc.integer({ min: 0xffff_f000, max: 0xffff_ffff }), fc.nat(0xffff_ffff));
    fc.assert(fc.property(fc.constantFrom(32, 64, 1024), fc.array(number, { maxLength: 200 }), compare));
  });

  test('agrees with it where numbers are close to its edges', () => {
    const step = fc.oneof(fc.integer({ min: -70, max: 70 }), fc.integer({ min: -3, max: 40 }), fc.constantFrom(-33, -32, -31, 31, 32, 33));
    const walk = fc.array(step, { minLength: 50, maxLength: 300 });
    fc.assert(
      fc.property(fc.constantFrom(0, 1000, 0xffff_0000), walk, (start, steps) => {
        const near = (delta: number) => (top: number) => Math.min(Math.max(top + delta, 0), 0xffff_ffff);
        compare(32, [start, ...steps.map(near)]);
      }),
    );
  });

  test('is as wide as it says, to the packet, and has 1024 if not told otherwise', () => {
    expect(receiver({ suite: 'aes128-gcm16' }).replay.size).toBe(1024);
    const window = new ReplayWindow();
    window.commit(5000);
    expect([window.check(5000 - 1023), window.check(5000 - 1024)]).toEqual([null, 'too-old']);
  });

  test.each([0, 31, 33, 1.5, 100_000, Number.NaN])('of %s is refused', (size) => {
    expect(() => new ReplayWindow(size)).toThrow(RangeError);
  });
});

const world = { suite: 'aes128-gcm16' } as const;
const packets = (count: number) => {
  const from = sender(world);
  return Array.from({ length: count }, (_, i) => written((out) => seal(from, datagram(60 + i), out)));
};
const room = Buffer.alloc(2000);

describe('packets', () => {
  test('are delivered once, in whatever order', () => {
    const to = receiver(world);
    const sent = packets(100);
    const order = [...sent.slice(40), ...sent.slice(0, 40).reverse()];
    expect(order.map((packet) => open(to, packet, room).ok)).toEqual(order.map(() => true));
    expect(order.map((packet) => open(to, packet, room))).toEqual(order.map(() => ({ ok: false, reason: 'replayed' })));
  });

  test('older than the window are refused, a retransmission from a cache of 50 behind a queue of 60 is not', () => {
    const to = receiver({ ...world, window: 128 });
    const sent = packets(200);
    expect(open(to, sent[120]!, room).ok).toBe(true);
    expect(open(to, sent[10]!, room).ok).toBe(true);
    expect(open(to, sent[199]!, room).ok).toBe(true);
    expect(open(to, sent[11]!, room)).toEqual({ ok: false, reason: 'too-old' });
  });

  test('a forged number does not move the window', () => {
    const to = receiver(world);
    const [first] = packets(1);
    const forged = Buffer.from(first!);
    forged.writeUInt32BE(0xffff_fff0, 4);
    expect(open(to, forged, room)).toEqual({ ok: false, reason: 'bad-icv' });
    expect(to.replay.top).toBe(0);
    expect(open(to, first!, room).ok).toBe(true);
  });

  test('a packet whose second zone was damaged leaves room for the copy that was not', () => {
    const to = receiver(world);
    const [first] = packets(1);
    const damaged = Buffer.from(first!);
    damaged[damaged.length - 1]! ^= 1;
    expect(open(to, damaged, room)).toEqual({ ok: false, reason: 'bad-icv' });
    expect(open(to, first!, room).ok).toBe(true);
  });

  test('sequence number 0 is never accepted', () => {
    const to = receiver(world);
    const [first] = packets(1);
    first!.writeUInt32BE(0, 4);
    expect(open(to, first!, room)).toEqual({ ok: false, reason: 'replayed' });
  });

  test('without authentication the number proves nothing: copies are marked, not refused', () => {
    const plain = { suite: '3des-cbc/none' } as const;
    const to = receiver(plain);
    const packet = written((out) => seal(sender(plain), datagram(100), out));
    expect(open(to, packet, room)).toMatchObject({ ok: true, replayed: false });
    expect(open(to, packet, room)).toMatchObject({ ok: true, replayed: true });
  });

  test('a sender stops before the numbers cycle', () => {
    const from = sender(world);
    from.resumeAt(0xffff_fffe);
    expect(from.wantsRekey).toBe(true);
    expect(seal(from, datagram(50), room)).toMatchObject({ ok: true, seq: 0xffff_ffff });
    expect(seal(from, datagram(50), room)).toEqual({ ok: false, reason: 'exhausted' });
    expect(from.seq).toBe(0xffff_ffff);
  });
});
