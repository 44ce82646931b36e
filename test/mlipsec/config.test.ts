import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  Csa,
  IvSpace,
  isPaperProfile,
  keyLength,
  ONE_ZONE,
  open,
  openFirst,
  PAPER_ZONES,
  rewrite,
  SUITE_NAMES,
  seal,
  splitKeys,
  suiteNamed,
  type Zone,
  ZoneSa,
} from '../../src/mlipsec/index.ts';
import { zoneMapFault } from '../../src/mlipsec/zones.ts';
import { CIPHERS } from './build/ciphers.ts';
import { datagram } from './build/datagram.ts';
import { agent, octets, receiver, sender, written, zoneSa } from './build/peers.ts';

const zone = (id: number, start: number, end: number | null, designated = id === 1): Zone => ({
  id,
  start,
  end,
  designated,
  faAccess: id === 1,
});

describe('zone maps', () => {
  test('of one, of the paper, of more', () => {
    const three = [zone(1, 0, 40), zone(2, 40, 100), zone(3, 100, null)];
    expect([ONE_ZONE, PAPER_ZONES, three].map(zoneMapFault)).toEqual([null, null, null]);
    expect([ONE_ZONE, PAPER_ZONES, three].map(isPaperProfile)).toEqual([true, true, false]);
  });

  test.each([
    ['no zone', []],
    ['a gap', [zone(1, 0, 40), zone(2, 44, null)]],
    ['an overlap', [zone(1, 0, 40), zone(2, 20, null)]],
    ['a start behind the first octet', [zone(1, 4, null)]],
    ['an end before the datagram ends', [zone(1, 0, 40)]],
    ['an open end before the last', [zone(1, 0, null), zone(2, 40, null)]],
    ['numbers out of order', [zone(2, 0, 40), zone(1, 40, null)]],
    ['another designated zone', [zone(1, 0, 40, false), zone(2, 40, null, true)]],
    ['two designated zones', [zone(1, 0, 40), zone(2, 40, null, true)]],
    ['an empty zone', [zone(1, 0, 40), zone(2, 40, 40), zone(3, 40, null)]],
    ['no room for an IPv4 header', [zone(1, 0, 19), zone(2, 19, null)]],
    ['half an octet', [zone(1, 0, 40.5), zone(2, 40.5, null)]],
    ['more octets than a datagram', [zone(1, 0, 70_000), zone(2, 70_000, null)]],
  ])('with %s are refused', (_, zones) => {
    expect(zoneMapFault(zones)).not.toBeNull();
    const sas = zones.map(({ id }) => zoneSa({ suite: 'aes128-gcm16' }, id));
    expect(() => new Csa({ role: 'receive', zones, sas })).toThrow(TypeError);
  });
});

describe('suites', () => {
  test('3DES only for fidelity, others always, unknown never', () => {
    for (const name of SUITE_NAMES) {
      if (name.startsWith('3des')) expect(() => suiteNamed(name)).toThrow(/fidelity/);
      else expect(suiteNamed(name).name).toBe(name);
      expect(suiteNamed(name, { fidelity: true }).name).toBe(name);
    }
    for (const name of ['null/none', 'des-cbc/none', '', 'toString', '__proto__'])
      expect(() => suiteNamed(name, { fidelity: true })).toThrow(/no suite/);
  });

  test('keys of another length are refused without being shown', () => {
    for (const name of SUITE_NAMES) {
      const suite = suiteNamed(name, { fidelity: true });
      const material = octets('secret', keyLength(suite) + 1);
      const attempts = [
        () => splitKeys(suite, material),
        () => new ZoneSa({ spi: 1, suite, keys: { enc: material, salt: new Uint8Array(suite.salt), auth: new Uint8Array(suite.authKey) } }),
        () =>
          new ZoneSa({ spi: 1, suite, keys: { enc: new Uint8Array(suite.encKey), salt: material, auth: new Uint8Array(suite.authKey) } }),
        () => new ZoneSa({ spi: 1, suite, keys: { enc: new Uint8Array(suite.encKey), salt: new Uint8Array(suite.salt), auth: material } }),
      ];
      for (const attempt of attempts) {
        try {
          attempt();
          expect.unreachable();
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          expect(inspect(error)).not.toContain(material.toString('hex', 0, 4));
        }
      }
    }
  });
});

describe('roles', () => {
  const world = { suite: 'aes128-gcm16' } as const;
  const sa = (id: number, writer?: number) => zoneSa(world, id, writer === undefined ? undefined : new IvSpace(writer, 0));
  test.each([
    ['too few SAs', () => new Csa({ role: 'receive', sas: [sa(1)] })],
    ['no designated SA', () => new Csa({ role: 'forward', sas: [null, null] })],
    ['an end without the keys of zone 2', () => new Csa({ role: 'receive', sas: [sa(1), null] })],
    ['a sender without IVs', () => new Csa({ role: 'send', sas: [sa(1), sa(2)] })],
    ["a sender with a foreign agent's IVs", () => new Csa({ role: 'send', sas: [sa(1, 0), sa(2, 1)] })],
    ["an agent with the end's IVs", () => new Csa({ role: 'forward', sas: [sa(1, 0), null] })],
    ['an agent with the keys of zone 2', () => new Csa({ role: 'forward', sas: [sa(1, 1), sa(2)] })],
    ['an agent in ordinary ESP', () => new Csa({ role: 'forward', zones: ONE_ZONE, sas: [sa(1, 1)] })],
    [
      'a zone without ICV that shall be bound',
      () => new Csa({ role: 'receive', bind: 'hdr', sas: [sa(1), zoneSa({ suite: '3des-cbc/none' }, 2)] }),
    ],
  ])('%s', (_, make) => {
    expect(make).toThrow(TypeError);
  });

  test('an SPI has 32 bits', () => {
    const suite = suiteNamed('aes128-gcm16');
    for (const spi of [-1, 2 ** 32, 1.5]) {
      expect(() => new ZoneSa({ spi, suite, keys: splitKeys(suite, octets('k', keyLength(suite))) })).toThrow(RangeError);
    }
  });
});

describe.each(CIPHERS)('%s: destroyed', (_, cipher) => {
  const room = Buffer.alloc(500);
  test.each(SUITE_NAMES)('%s: keys are overwritten, nothing is opened or sealed any more', (name) => {
    const suite = suiteNamed(name, { fidelity: true });
    const world = { suite: name, cipher };
    const payload = written((out) => seal(sender(world), datagram(100), out));
    const keys = splitKeys(suite, octets('secret', keyLength(suite)));
    const sa = new ZoneSa({ spi: 1, suite, keys, cipher });
    expect(inspect(sa, { depth: 9, showHidden: true })).not.toContain(octets('secret', 8).toString('hex'));
    const copy = sa.exportKeys();
    expect(copy).toEqual(keys);
    sa.destroy();
    sa.destroy();
    expect([...keys.enc, ...keys.salt, ...keys.auth].every((octet) => octet === 0)).toBe(true);
    expect(Buffer.concat([copy.enc, copy.salt, copy.auth])).toEqual(octets('secret', keyLength(suite)));
    expect(() => sa.exportKeys()).toThrow('destroyed');
    expect(() => sa.cipher).toThrow('destroyed');
    const [from, to, via] = [sender(world), receiver(world), agent(world)];
    for (const csa of [from, to, via]) csa.destroy();
    const refusal = { ok: false, reason: 'destroyed' };
    expect(seal(from, datagram(100), room)).toEqual(refusal);
    expect(open(to, payload, room)).toEqual(refusal);
    expect(openFirst(via, payload, room)).toEqual(refusal);
    expect(rewrite(via, payload, {}, room)).toEqual(refusal);
  });

  test('a cipher by itself throws', () => {
    for (const name of SUITE_NAMES) {
      const suite = suiteNamed(name, { fidelity: true });
      const one = cipher(suite, splitKeys(suite, octets('k', keyLength(suite))));
      one.destroy();
      const nothing = new Uint8Array(64);
      expect(() => one.seal(nothing, nothing, 0, 16)).toThrow('destroyed');
      expect(() => one.open(nothing, nothing, 0, 48, nothing, 0)).toThrow('destroyed');
    }
  });

  test('after a header rekey the old composite SA still receives, and takes zone 1 with it only', () => {
    const world = { suite: 'aes128-gcm16', cipher } as const;
    const [from, to] = [sender(world), receiver(world)];
    const late = written((out) => seal(from, datagram(100), out));
    const nextFrom = from.rekeyHeader(zoneSa(world, 1, new IvSpace(0, 0), 'new'));
    const nextTo = to.rekeyHeader(zoneSa(world, 1, undefined, 'new'));
    expect(open(to, late, room).ok).toBe(true);
    from.destroy();
    to.destroy();
    expect(open(to, late, room)).toEqual({ ok: false, reason: 'destroyed' });
    const fresh = written((out) => seal(nextFrom, datagram(100), out));
    expect(fresh.readUInt32BE(4)).toBe(1);
    expect(open(nextTo, late, room)).toEqual({ ok: false, reason: 'bad-icv' });
    expect(open(nextTo, fresh, room).ok).toBe(true);
    nextTo.destroy();
    expect(nextTo.sas.every((one) => one!.destroyed)).toBe(true);
  });
});
