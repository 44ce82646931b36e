import { describe, expect, test } from 'vitest';
import { open, openFirst, SUITE_NAMES, seal } from '../../src/mlipsec/index.ts';
import { CIPHERS } from './build/ciphers.ts';
import { datagram } from './build/datagram.ts';
import { agent, receiver, sender, written } from './build/peers.ts';

const AUTHENTICATED = SUITE_NAMES.filter((suite) => suite !== '3des-cbc/none');
const CELLS = AUTHENTICATED.flatMap((suite) => (['P', 'C'] as const).map((layout) => ({ suite, layout })));
const room = Buffer.alloc(2000);

describe.each(CIPHERS)('%s', (_, cipher) => {
  test.each(CELLS)('$suite, layout $layout: any single bit', ({ suite, layout }) => {
    const world = { suite, layout, cipher };
    const [from, to, via] = [sender(world), receiver(world), agent(world)];
    const payload = written((out) => seal(from, datagram(123), out));
    const cut = from.full[0]!;
    for (let bit = 0; bit < 8 * payload.length; bit++) {
      const at = bit >>> 3;
      const broken = Buffer.from(payload);
      broken[at]! ^= 1 << (bit & 7);
      room.fill(0xaa, 0, payload.length);
      const first = openFirst(via, broken, room);
      expect(first.ok, `bit ${bit} at the agent`).toBe(at >= cut);
      const end = open(to, broken, room);
      expect(end.ok, `bit ${bit} at the end`).toBe(false);
      if (!end.ok && at >= 4) expect(['bad-icv', 'wrong-spi', 'replayed', 'too-old']).toContain(end.reason);
      // what an attacker may have chosen is not left lying about
      if (!end.ok && end.reason === 'bad-icv') expect(room.subarray(0, payload.length).every((octet) => octet === 0)).toBe(true);
    }
    expect(open(to, payload, room).ok).toBe(true);
  });
});

describe('a packet cut short', () => {
  test.each(CELLS)('$suite, layout $layout: at any octet', ({ suite, layout }) => {
    const world = { suite, layout };
    const to = receiver(world);
    const payload = written((out) => seal(sender(world), datagram(211), out));
    for (let length = 0; length < payload.length; length++) expect(open(to, payload.subarray(0, length), room).ok, `${length}`).toBe(false);
    expect(open(to, payload, room).ok).toBe(true);
  });

  test('layout P, after the first unit: genuine, but not what the total length says', () => {
    const world = { suite: 'aes128-gcm16' } as const;
    const from = sender(world);
    const payload = written((out) => seal(from, datagram(211), out));
    const one = payload.subarray(0, from.full[0]!);
    const to = receiver(world);
    expect(open(to, one, room)).toEqual({ ok: false, reason: 'bad-total-length' });
    expect(open(to, one, room, { totalLength: 'unchecked' })).toMatchObject({ ok: true, length: 40 });
  });

  test('with something appended', () => {
    for (const { suite, layout } of CELLS) {
      const payload = written((out) => seal(sender({ suite, layout }), datagram(211), out));
      for (const extra of [1, 4, 16, 64]) {
        expect(open(receiver({ suite, layout }), Buffer.concat([payload, Buffer.alloc(extra)]), room).ok).toBe(false);
      }
    }
  });
});

describe('zone 1 of one packet with zone 2 of another', () => {
  const splice = (suite: (typeof SUITE_NAMES)[number], layout: 'P' | 'C', bind: 'none' | 'seq' | 'hdr') => {
    const world = { suite, layout, bind };
    const from = sender(world);
    const [a, b] = ['first', 'second'].map((label) => written((out) => seal(from, datagram(300, { label }), out)));
    const cut = from.full[0]!;
    return open(receiver(world), Buffer.concat([a!.subarray(0, cut), b!.subarray(cut)]), room);
  };

  test.each(CELLS)('$suite, layout $layout: accepted without binding, refused with', ({ suite, layout }) => {
    expect(splice(suite, layout, 'none')).toMatchObject({ ok: true, length: 300 });
    expect(splice(suite, layout, 'seq')).toEqual({ ok: false, reason: 'bad-icv' });
    expect(splice(suite, layout, 'hdr')).toEqual({ ok: false, reason: 'bad-icv' });
  });

  test('accepted in the profile of the paper, where nothing is authenticated', () => {
    expect(splice('3des-cbc/none', 'P', 'none')).toMatchObject({ ok: true });
  });
});
