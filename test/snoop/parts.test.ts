import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketCache } from '../../src/snoop/cache.ts';
import { snoopParameters, TABLE_4 } from '../../src/snoop/parameters.ts';
import { RttEstimator } from '../../src/snoop/rtt.ts';
import { advance, distance } from '../../src/snoop/serial.ts';

describe('serial numbers', () => {
  it('distance undoes advance across the wrap', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.nat(2 ** 31 - 1), (seq, octets) => {
        expect(distance(advance(seq, octets), seq)).toBe(octets);
        expect(distance(seq, advance(seq, octets))).toBe(octets === 0 ? 0 : -octets);
      }),
    );
  });
});

describe('the timeout', () => {
  const parameters = { initialRto: 150, minRto: 100, persistTimeout: 1000 };

  it('is the initial one, then smoothed + 4 variations (RFC 6298), never below the minimum or above the persist timeout', () => {
    const rtt = new RttEstimator(parameters);
    expect(rtt.rto).toBe(150);
    rtt.sample(80);
    expect(rtt.state).toEqual({ smoothed: 80, variation: 40 });
    expect(rtt.rto).toBe(240);
    rtt.sample(160);
    expect(rtt.state).toEqual({ smoothed: 90, variation: 50 });
    for (let turn = 0; turn < 100; turn += 1) rtt.sample(10);
    expect(rtt.rto).toBe(100);
    rtt.sample(1e6);
    expect(rtt.rto).toBe(1000);
  });

  it('doubles until the next sample', () => {
    const rtt = new RttEstimator(parameters);
    const seen = Array.from({ length: 2000 }, () => {
      rtt.backOff();
      return rtt.rto;
    });
    expect(seen.slice(0, 4)).toEqual([300, 600, 1000, 1000]);
    expect(seen.at(-1)).toBe(1000);
    rtt.sample(20);
    expect(rtt.rto).toBe(100);
  });
});

describe('parameters', () => {
  it('are those of Table 4', () => {
    expect(snoopParameters()).toEqual({
      maxWindow: 50,
      maxConnections: 64,
      maxRxmit: 4,
      dupThresh: 1,
      initialRto: 100,
      minRto: 100,
      persistTimeout: 1000,
      garbageTimeout: 10_000,
    });
    expect(snoopParameters({ maxWindow: 7 })).toEqual({ ...TABLE_4, maxWindow: 7 });
  });

  it.each([
    { maxWindow: 0 },
    { maxWindow: 1e6 },
    { maxConnections: 1.5 },
    { maxRxmit: -1 },
    { dupThresh: Number.NaN },
    { minRto: 0 },
    { initialRto: Number.POSITIVE_INFINITY },
    { persistTimeout: 50 },
    { garbageTimeout: -1 },
  ])('%o is refused by name', (changes) => {
    expect(() => snoopParameters(changes)).toThrow(RangeError);
    expect(() => snoopParameters(changes)).toThrow(Object.keys(changes)[0]!);
  });
});

describe('the cache', () => {
  it('keeps order and bound, and frees what an ACK covers, as a sorted list does', () => {
    const operation = fc.oneof(fc.record({ put: fc.nat(60), octets: fc.integer({ min: 1, max: 5 }) }), fc.record({ ack: fc.nat(60) }));
    const isn = 2 ** 32 - 30;
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const cache = new PacketCache(8);
        let model: { seq: number; end: number }[] = [];
        for (const one of operations) {
          if ('ack' in one) {
            const freed = cache.free(advance(isn, one.ack)).map(({ seq }) => distance(seq, isn));
            expect(freed).toEqual(model.filter(({ end }) => end <= one.ack).map(({ seq }) => seq));
            model = model.filter(({ end }) => end > one.ack);
            continue;
          }
          const seq = advance(isn, one.put);
          const known = model.some((packet) => packet.seq === one.put);
          expect(cache.find(seq) !== undefined).toBe(known);
          expect(cache.full).toBe(model.length === 8);
          const packet = { seq, end: advance(seq, one.octets), reference: { id: 0, length: 0 }, sentAt: 0, copies: 0, congestion: false };
          if (cache.full) expect(() => cache.insert(packet)).toThrow(RangeError);
          if (known || cache.full) continue;
          cache.insert(packet);
          model.push({ seq: one.put, end: one.put + one.octets });
          model.sort((a, b) => a.seq - b.seq);
          expect(cache.packets.map((entry) => distance(entry.seq, isn))).toEqual(model.map((entry) => entry.seq));
        }
      }),
    );
  });
});
