import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inOrder } from '../../src/metrics/in-order.ts';
import type { FlowSighting } from '../../src/metrics/sighting.ts';
import { packet } from './build.ts';

const WRAP = 2 ** 32;
function segment(t: number, position: number, octets = 100, isn = WRAP - 250): FlowSighting {
  const seq = (isn + position) % WRAP;
  const inner = packet(t, { protocol: 6, tcp: { seq, ack: 0, flags: 16, payload: octets } });
  return { t, node: 'sgw', interface: 'eth0', way: 'in', outer: inner, inner, sealed: true, seq, span: octets, octets, sent: null };
}

it('a segment beyond a hole is no progress until the hole is filled', () => {
  const { progress, counts } = inOrder([segment(1, 0), segment(2, 200), segment(3, 300), segment(9, 100), segment(10, 400)]);
  expect(progress.map(({ t }) => t)).toEqual([1, 9, 10]);
  expect(counts).toEqual({ received: 5, lost: 0, duplicated: 0, reordered: 1 });
});

it('known octets are no progress, a longer copy is', () => {
  const { progress, counts } = inOrder([
    segment(1, 0),
    segment(2, 0),
    segment(3, 200),
    segment(4, 200),
    segment(5, 0, 150),
    segment(6, 150),
  ]);
  expect(progress.map(({ t }) => t)).toEqual([1, 5, 6]);
  expect(counts).toMatchObject({ received: 4, duplicated: 2 });
});

it('follows the contiguous end as an octet-by-octet model does, across the wrap', () => {
  const piece = fc.record({ position: fc.nat(40), octets: fc.integer({ min: 1, max: 8 }), isn: fc.constant(WRAP - 20) });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const all = [{ position: 0, octets: 3, isn: WRAP - 20 }, ...pieces];
      const known = new Set<number>();
      let end = 0;
      const model = all.flatMap(({ position, octets }, t) => {
        for (let i = 0; i < octets; i += 1) known.add(position + i);
        const before = end;
        while (known.has(end)) end += 1;
        return end > before ? [t] : [];
      });
      const segments = all.map(({ position, octets, isn }, t) => segment(t, position, octets, isn));
      expect(inOrder(segments).progress.map(({ t }) => t)).toEqual(model);
    }),
  );
});
