import { describe, expect, test } from 'vitest';
import { aadOf } from '../../src/mlipsec/binding.ts';
import { type Bind, Csa, type HeaderEdit, IvSpace, open, openFirst, rewrite, SUITE_NAMES, seal } from '../../src/mlipsec/index.ts';
import { sealUnit } from '../../src/mlipsec/unit.ts';
import { checksum, ipv4, udp } from '../pcap/build/net.ts';
import { CIPHERS } from './build/ciphers.ts';
import { datagram, tcpChecksum } from './build/datagram.ts';
import { agent, receiver, sender, type World, written, zoneSa } from './build/peers.ts';

const room = Buffer.alloc(2000);
const CELLS = SUITE_NAMES.flatMap((suite) => (['P', 'C'] as const).map((layout) => ({ suite, layout })));
const EDITS: HeaderEdit[] = [
  { tos: 0xb8 },
  { ttl: 3 },
  { ack: 0xfedc_ba98 },
  { window: 17 },
  { ece: true },
  { cwr: true },
  { urgent: 9 },
  { tos: 1, ttl: 255, ack: 0, ece: true, cwr: true, window: 0xffff, urgent: 0xffff },
  {},
];

/** What the end makes of a packet; the datagram, or the reason. */
function received(world: World, payload: Uint8Array): Buffer | string {
  const opened = open(receiver(world), payload, room);
  return opened.ok ? Buffer.from(room.subarray(0, opened.length)) : opened.reason;
}

describe.each(CIPHERS)('%s', (_, cipher) => {
  test.each(CELLS)('$suite, layout $layout: edits reach the end with right checksums', ({ suite, layout }) => {
    const world = { suite, layout, cipher };
    const [from, via] = [sender(world), agent(world)];
    const sent = datagram(800);
    for (const edit of EDITS) {
      const payload = written((out) => seal(from, sent, out));
      const changed = written((out) => rewrite(via, payload, edit, out));
      const cut = from.full[0]!;
      expect(changed.length).toBe(payload.length);
      expect(changed.subarray(0, 8)).toEqual(payload.subarray(0, 8));
      expect(changed.subarray(cut)).toEqual(payload.subarray(cut));
      const got = received(world, changed);
      if (typeof got === 'string') throw new Error(got);
      expect(checksum(got.subarray(0, 20))).toBe(0);
      expect(got.readUInt16BE(36)).toBe(tcpChecksum(got));
      const wanted = Buffer.from(sent);
      if (edit.tos !== undefined) wanted[1] = edit.tos;
      if (edit.ttl !== undefined) wanted[8] = edit.ttl;
      if (edit.ack !== undefined) wanted.writeUInt32BE(edit.ack, 28);
      if (edit.ece) wanted[33]! |= 0x40;
      if (edit.cwr) wanted[33]! |= 0x80;
      if (edit.window !== undefined) wanted.writeUInt16BE(edit.window, 34);
      if (edit.urgent !== undefined) wanted.writeUInt16BE(edit.urgent, 38);
      for (const at of [10, 36]) got.copy(wanted, at, at, at + 2);
      expect(got).toEqual(wanted);
    }
  });
});

test('in place', () => {
  const world = { suite: 'aes128-gcm16' } as const;
  const payload = written((out) => seal(sender(world), datagram(100), out));
  expect(rewrite(agent(world), payload, { window: 1 }, payload)).toEqual({ ok: true, length: payload.length });
  expect((received(world, payload) as Buffer).readUInt16BE(34)).toBe(1);
});

/** A foreign agent that does with its key what it likes. */
function forge(world: World, via: Csa, payload: Uint8Array, change: (zone1: Buffer) => void): Buffer {
  const zone1 = Buffer.alloc(64);
  const first = openFirst(via, payload, zone1);
  if (!first.ok) throw new Error(first.reason);
  change(zone1);
  const out = Buffer.from(payload);
  const sa = zoneSa(world, 1, new IvSpace(200, 0));
  const length = via.full[0]! - 8 - sa.suite.iv - sa.suite.icv;
  out.set(zone1.subarray(0, length), 8 + sa.suite.iv);
  sealUnit(sa, aadOf(via, 0, first.seq, first.seq, zone1, 40), out, 8, length);
  return out;
}

describe('an agent that abuses its key', () => {
  const redirected = (world: World) => {
    const payload = written((out) => seal(sender(world), datagram(500), out));
    return received(
      world,
      forge(world, agent(world), payload, (zone1) => zone1.writeUInt32BE(0xc633_6401, 16)),
    );
  };

  test.each(CELLS.filter(({ suite }) => suite !== '3des-cbc/none'))(
    '$suite, layout $layout: redirection fails for hdr only',
    ({ suite, layout }) => {
      const outcome = (bind: Bind) => redirected({ suite, layout, bind });
      expect(outcome('hdr')).toBe('bad-icv');
      for (const bind of ['none', 'seq'] as const) expect((outcome(bind) as Buffer).readUInt32BE(16)).toBe(0xc633_6401);
    },
  );

  test('in the profile of the paper it is not noticed', () => {
    expect((redirected({ suite: '3des-cbc/none' }) as Buffer).readUInt32BE(16)).toBe(0xc633_6401);
  });

  test('every bit of zone 1 but those of mutable fields is bound', () => {
    const world = { suite: 'aes128-gcm16' } as const;
    const via = agent(world);
    const mutable = (at: number, bit: number) =>
      [1, 8, 10, 11, 28, 29, 30, 31, 34, 35, 36, 37, 38, 39].includes(at) || (at === 33 && bit >= 6);
    const payload = written((out) => seal(sender(world), datagram(500), out));
    for (let at = 0; at < 40; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const forged = forge(world, via, payload, (zone1) => {
          zone1[at]! ^= 1 << bit;
        });
        expect(typeof received(world, forged) !== 'string', `octet ${at}, bit ${bit}`).toBe(mutable(at, bit));
      }
    }
  });

  test('of what is no TCP only type of service, TTL and IP checksum are its own', () => {
    const world = { suite: 'aes128-gcm16' } as const;
    const other = ipv4({ src: '10.5.0.7', dst: '10.8.0.1', protocol: 17 }, udp(1, 2, Buffer.alloc(100, 5)));
    const payload = written((out) => seal(sender(world), other, out));
    for (let at = 0; at < 40; at++) {
      const forged = forge(world, agent(world), payload, (zone1) => {
        zone1[at]! ^= 1;
      });
      expect(typeof received(world, forged) !== 'string', `octet ${at}`).toBe([1, 8, 10, 11].includes(at));
    }
  });
});

describe('what cannot be edited is left alone', () => {
  const world = { suite: 'aes128-gcm16' } as const;
  const outcome = (inner: Buffer, edit: HeaderEdit) => {
    const payload = written((out) => seal(sender(world), inner, out));
    const out = Buffer.alloc(payload.length);
    const result = rewrite(agent(world), payload, edit, out);
    if (!result.ok) expect(out.every((octet) => octet === 0)).toBe(true);
    return result.ok ? 'edited' : result.reason;
  };
  const tcp = datagram(100);
  const withOptions = ipv4({ src: '10.5.0.7', dst: '10.8.0.1', protocol: 6, options: Buffer.alloc(4, 1) }, tcp.subarray(20));
  const fragment = ipv4({ src: '10.5.0.7', dst: '10.8.0.1', protocol: 6, moreFragments: true }, tcp.subarray(20));
  const later = ipv4({ src: '10.5.0.7', dst: '10.8.0.1', protocol: 6, fragmentOffset: 8 }, tcp.subarray(20));
  const short = ipv4({ src: '10.5.0.7', dst: '10.8.0.1', protocol: 6 }, tcp.subarray(20, 36));

  test.each([
    ['IPv4 options', withOptions],
    ['a first fragment', fragment],
    ['a later fragment', later],
    ['UDP', ipv4({ src: '10.5.0.7', dst: '10.8.0.1', protocol: 17 }, udp(1, 2, Buffer.alloc(50)))],
    ['a TCP header cut off', short],
  ])('%s: nothing of TCP', (_, inner) => {
    expect(outcome(inner, { window: 1 })).toBe('not-editable');
    expect(outcome(inner, { tos: 0xb8 })).toBe('edited');
  });

  test('without IVs of its own an agent reads only', () => {
    const payload = written((out) => seal(sender(world), tcp, out));
    expect(rewrite(receiver(world), payload, {}, room)).toEqual({ ok: false, reason: 'wrong-role' });
  });

  test('a damaged packet is not repaired', () => {
    const payload = written((out) => seal(sender(world), tcp, out));
    payload[20]! ^= 1;
    expect(rewrite(agent(world), payload, { window: 1 }, room)).toEqual({ ok: false, reason: 'bad-icv' });
  });

  test('when its IVs are used up it stops', () => {
    const payload = written((out) => seal(sender(world), tcp, out));
    const via = new Csa({ role: 'forward', sas: [zoneSa(world, 1, new IvSpace(1, 0, 2 ** 48 - 1)), null] });
    expect(rewrite(via, payload, { window: 1 }, room).ok).toBe(true);
    expect(rewrite(via, payload, { window: 1 }, room)).toEqual({ ok: false, reason: 'exhausted' });
  });
});

test('nothing of zone 2 is needed or seen at the agent', () => {
  const world = { suite: 'aes128-gcm16' } as const;
  const via = agent(world);
  expect(via.sas[1]).toBeNull();
  const payload = written((out) => seal(sender(world), datagram(500), out));
  const zone1 = Buffer.alloc(64);
  expect(openFirst(via, payload, zone1)).toEqual({ ok: true, length: 40, seq: 1, whole: false });
  expect(zone1.subarray(0, 40)).toEqual(datagram(500).subarray(0, 40));
  expect(open(via, payload, room)).toEqual({ ok: false, reason: 'wrong-role' });
  expect(openFirst(via, payload, Buffer.alloc(39))).toEqual({ ok: false, reason: 'no-room' });
});
