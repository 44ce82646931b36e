import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findOutage } from '../../src/metrics/outage.ts';
import { countSequence, firstArrivals } from '../../src/metrics/sequence.ts';

const at = (t: number, seq: number) => ({ t, seq, sent: null });
const base = { numbered: true, lastSeq: 9, unread: 0, interval: 1, t0: 4.5e9, horizon: 10e9, end: 10e9 };
const steady = Array.from({ length: 10 }, (_, i) => at(i * 1e9, i));

it('a steady flow is quiet', () => {
  expect(findOutage({ ...base, arrivals: steady })).toEqual({ kind: 'quiet', gapStart: null, gapEnd: null, longest: 1 });
});

it('three intervals without loss are quiet, a little more is an outage', () => {
  const shifted = (extra: number) => steady.map(({ t, seq }) => at(seq < 5 ? t : t + extra, seq));
  expect(findOutage({ ...base, end: 13e9, horizon: 13e9, arrivals: shifted(2e9) }).kind).toBe('quiet');
  expect(findOutage({ ...base, end: 13e9, horizon: 13e9, arrivals: shifted(2e9 + 1) })).toMatchObject({
    kind: 'outage',
    gapStart: 4e9,
    gapEnd: 7e9 + 1,
  });
});

it('one missing packet is an outage however short', () => {
  expect(findOutage({ ...base, arrivals: steady.filter(({ seq }) => seq !== 6) })).toMatchObject({
    kind: 'outage',
    longest: 2,
    gapStart: 5e9,
  });
});

it('reordering without loss stays quiet', () => {
  const swapped = steady.map(({ t, seq }) => at(t, seq === 6 ? 7 : seq === 7 ? 6 : seq));
  expect(findOutage({ ...base, arrivals: swapped }).kind).toBe('quiet');
});

it('gaps before t0 and after the horizon belong to something else', () => {
  const early = steady.filter(({ seq }) => seq !== 2);
  expect(findOutage({ ...base, arrivals: early }).kind).toBe('quiet');
  const late = steady.filter(({ seq }) => seq !== 8);
  expect(findOutage({ ...base, horizon: 6.5e9, arrivals: late }).kind).toBe('quiet');
});

it('a flow cut for good did not resume; one that only lost its last packet did', () => {
  const cut = Array.from({ length: 30 }, (_, i) => at(i * 1e9, i)).slice(0, 12);
  expect(findOutage({ ...base, lastSeq: 29, horizon: 30e9, end: 30e9, arrivals: cut })).toMatchObject({
    kind: 'not-resumed',
    gapStart: 11e9,
    gapEnd: null,
  });
  expect(findOutage({ ...base, arrivals: steady.slice(0, 9) }).kind).toBe('quiet');
});

it('nothing delivered is silent', () => {
  expect(findOutage({ ...base, arrivals: [] }).kind).toBe('silent');
});

it('counts partition what was sent, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (order) => {
      const deliveries = order.map((seq, i) => at(i, seq));
      const counts = countSequence(deliveries, 21);
      expect(counts.received + counts.lost).toBe(21);
      expect(counts.received + counts.duplicated).toBe(order.length);
      expect(firstArrivals(deliveries)).toHaveLength(counts.received);
      const model = firstArrivals(deliveries).filter(({ seq }, i, all) => all.slice(0, i).some((before) => before.seq > seq)).length;
      expect(counts.reordered).toBe(model);
    }),
  );
});

it('octet numbers have gaps by nature: only the time counts', () => {
  const octets = steady.map((arrival) => ({ ...arrival, seq: arrival.seq * 1448 }));
  expect(findOutage({ ...base, lastSeq: null, arrivals: octets, numbered: true }).kind).toBe('outage');
  expect(findOutage({ ...base, lastSeq: null, arrivals: octets, numbered: false }).kind).toBe('quiet');
});
