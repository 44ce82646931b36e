/** Octets from anyone: never an exception, always an answer. */
import { describe, expect, test } from 'vitest';
import { prng } from '../../src/host/random.ts';
import { ONE_ZONE, open, openFirst, openTransport, PAPER_ZONES, rewrite, SUITE_NAMES, seal } from '../../src/mlipsec/index.ts';
import { CIPHERS } from './build/ciphers.ts';
import { datagram } from './build/datagram.ts';
import { agent, receiver, sender, written } from './build/peers.ts';

const CASES = 400;
const room = Buffer.alloc(70_000);

function mutate(payload: Buffer, random: () => number): Buffer {
  const pick = (below: number) => Math.floor(random() * below);
  let b = Buffer.from(payload);
  for (let times = 1 + pick(4); times > 0; times--) {
    const at = pick(b.length + 1);
    switch (pick(6)) {
      case 0:
        b = b.subarray(0, at);
        break;
      case 1:
        b = Buffer.concat([b, Buffer.alloc(pick(80), pick(256))]);
        break;
      case 2:
        b = Buffer.concat([b.subarray(0, at), b.subarray(Math.min(b.length, at + pick(40)))]);
        break;
      case 3:
        b = Buffer.concat([b.subarray(0, at), b.subarray(pick(b.length + 1), at), b.subarray(at)]);
        break;
      default:
        if (b.length > 0) b[at % b.length] = pick(256);
    }
  }
  return b;
}

describe.each(CIPHERS)('%s', (_, cipher) => {
  test.each(SUITE_NAMES)('%s', (suite) => {
    const random = prng(7);
    let refused = 0;
    for (const layout of ['P', 'C'] as const) {
      for (const zones of [PAPER_ZONES, ONE_ZONE]) {
        const world = { suite, layout, zones, cipher };
        const from = sender(world);
        const to = receiver(world);
        const via = zones === PAPER_ZONES ? agent(world) : null;
        for (let n = 0; n < CASES; n++) {
          const payload = mutate(
            written((out) => seal(from, datagram(20 + Math.floor(random() * 200)), out)),
            random,
          );
          const before = Buffer.from(payload);
          const opened = open(to, payload, room, { nextHeader: n % 2 === 0 ? 4 : null });
          expect(typeof opened.ok).toBe('boolean');
          if (opened.ok) expect(opened.length).toBeLessThanOrEqual(payload.length);
          else refused += 1;
          open(to, payload, room.subarray(0, Math.floor(random() * payload.length)));
          if (via !== null) {
            openFirst(via, payload, room);
            openFirst(via, payload, Buffer.alloc(Math.floor(random() * 60)));
            rewrite(via, payload, { window: 1, ttl: 2 }, room);
          }
          openTransport(to, payload, room);
          expect(payload.equals(before)).toBe(true);
        }
      }
    }
    expect(refused).toBeGreaterThan(CASES);
  });

  test.each(SUITE_NAMES)('%s: octets that were never sealed', (suite) => {
    const random = prng(11);
    const world = { suite, cipher };
    const to = receiver(world);
    const via = agent(world);
    for (let n = 0; n < CASES; n++) {
      const noise = Buffer.from(Array.from({ length: Math.floor(random() * 250) }, () => Math.floor(random() * 256)));
      if (n % 2 === 0 && noise.length >= 8) {
        noise.writeUInt32BE(to.spi, 0);
        noise.writeUInt32BE(n + 1, 4);
      }
      const opened = open(to, noise, room);
      if (suite !== '3des-cbc/none') expect(opened.ok).toBe(false);
      openFirst(via, noise, room);
    }
  });
});
