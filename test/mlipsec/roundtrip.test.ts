import { describe, test } from 'vitest';
import { ONE_ZONE, open, openFirst, PAPER_ZONES, SUITE_NAMES, seal, type ZoneMap } from '../../src/mlipsec/index.ts';
import { CIPHERS } from './build/ciphers.ts';
import { datagram } from './build/datagram.ts';
import { agent, receiver, sender } from './build/peers.ts';

const THREE: ZoneMap = [
  { id: 1, start: 0, end: 40, faAccess: true, designated: true },
  { id: 2, start: 40, end: 107, faAccess: false, designated: false },
  { id: 3, start: 107, end: null, faAccess: false, designated: false },
];
const CELLS = SUITE_NAMES.flatMap((suite) =>
  [
    { layout: 'P', zones: PAPER_ZONES, map: 'two zones' },
    { layout: 'C', zones: PAPER_ZONES, map: 'two zones' },
    { layout: 'P', zones: ONE_ZONE, map: 'one zone' },
    { layout: 'P', zones: THREE, map: 'three zones' },
    { layout: 'C', zones: THREE, map: 'three zones' },
  ].map((cell) => ({ suite, ...cell, layout: cell.layout as 'P' | 'C' })),
);

const DATAGRAMS = Array.from({ length: 1439 }, (_, length) => datagram(Math.max(20, length)));

describe.each(CIPHERS)('%s', (_, cipher) => {
  test.each(CELLS)('$suite, layout $layout, $map: every length from 20 to 1438', ({ suite, layout, zones }) => {
    const world = { suite, layout, zones, cipher };
    const [from, to] = [sender(world), receiver(world)];
    const via = zones[0]!.faAccess ? agent(world) : null;
    const [wire, inner, scratch] = [Buffer.alloc(1700), Buffer.alloc(1700), Buffer.alloc(64)];
    for (let length = 20; length <= 1438; length++) {
      const data = DATAGRAMS[length]!;
      const sealed = seal(from, data, wire);
      if (!sealed.ok) throw new Error(`${length}: ${sealed.reason}`);
      const payload = wire.subarray(0, sealed.length);
      if (via !== null) {
        const before = Buffer.from(payload);
        const first = openFirst(via, payload, scratch);
        if (!first.ok) throw new Error(`${length}: ${first.reason}`);
        if (layout === 'P' && first.length !== Math.min(40, length)) throw new Error(`${length}: ${first.length} octets of zone 1`);
        if (scratch.compare(data, 0, Math.min(40, length), 0, Math.min(40, length)) !== 0) throw new Error(`${length}: zone 1 differs`);
        if (!before.equals(payload)) throw new Error(`${length}: the agent changed the packet`);
      }
      const opened = open(to, payload, inner);
      if (!opened.ok) throw new Error(`${length}: ${opened.reason}`);
      if (opened.length !== length || !inner.subarray(0, length).equals(data)) throw new Error(`${length}: another datagram`);
    }
  });
});
