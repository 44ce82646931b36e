import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { CSA_FILE, decodeFrame, decodeFrames, formatCsaFile, KeyRing, loadKeys, parseCsaFile } from '../../src/pcap/index.ts';
import type { CsaKeys } from '../../src/types/keys.ts';
import { datagram } from '../mlipsec/build/datagram.ts';
import { ALGORITHMS, independent } from '../mlipsec/build/independent.ts';
import { octets } from './build/ipsec.ts';
import { ipv4, udp } from './build/net.ts';
import { scratch } from './build/tmp.ts';

const write = scratch();
const OUTER = { src: '10.1.0.2', dst: '10.3.0.2' };
const SPIS: [number, number] = [0x1001, 0x1002];
const frame = (data: Buffer) => ({ t: 7, linkType: 101, length: data.length, data });

function material(suite: string, label: string): Buffer {
  const { key, salt, hash } = ALGORITHMS[suite]!;
  return octets(label, key + salt + (hash?.[1] ?? 0));
}

function keysOf(suite: string, fields: Partial<CsaKeys> = {}): CsaKeys {
  const sas = SPIS.map((spi, i) => ({ spi, suite, material: material(suite, `zone ${i}`).toString('hex') }));
  return { ...OUTER, layout: 'P', bind: 'none', boundaries: [40], sas, ...fields };
}

function sealedBy(keys: CsaKeys, inner: Buffer, seq = 9): Buffer {
  const suite = keys.sas[0]!.suite;
  const materials = keys.sas.map((sa) => Buffer.from(sa!.material, 'hex')) as [Buffer, Buffer];
  return independent({ suite, layout: keys.layout, bind: keys.bind, spis: SPIS, materials, seq, counters: [1, 2] }, inner);
}

const raw = (sealed: Buffer) => frame(ipv4({ ...OUTER, protocol: 50 }, sealed));

describe.each(Object.keys(ALGORITHMS))('%s in two zones', (suite) => {
  const bound = suite === '3des-cbc/none' ? 'none' : 'hdr';
  test.each(['P', 'C'] as const)('layout %s: the TCP segment inside, of any length', (layout) => {
    const keys = keysOf(suite, { layout, bind: bound });
    const ring = new KeyRing([], [], [keys]);
    for (const length of [40, 41, 52, 100, 1391, 1431]) {
      const { esp } = decodeFrame(raw(sealedBy(keys, datagram(length))), ring);
      expect(esp).toMatchObject({ spi: SPIS[0], seq: 9, udpEncap: false, authenticated: suite !== '3des-cbc/none' });
      expect(esp!.inner).toMatchObject({ t: 7, srcPort: 40_000, dstPort: 80, tcp: { seq: 1_000_000 + length, payload: length - 40 } });
    }
  });

  it('the same packet again and an old one are read all the same, one by one and in bulk', () => {
    const keys = keysOf(suite);
    const frames = [9, 9, 2000, 9].map((seq) => raw(sealedBy(keys, datagram(100), seq)));
    const packets = decodeFrames(frames, new KeyRing([], [], [keys]));
    expect(packets.map(({ esp }) => esp!.inner?.tcp?.payload)).toEqual([60, 60, 60, 60]);
    const ring = new KeyRing([], [], [keys]);
    expect(packets).toEqual(frames.map((one) => decodeFrame(one, ring)));
  });
});

it('octets that are not the SA’s: cut, flipped, of another SPI or another key', () => {
  const keys = keysOf('aes128-gcm16', { bind: 'hdr' });
  const ring = new KeyRing([], [], [keys]);
  const good = sealedBy(keys, datagram(100));
  for (let at = 4; at < good.length; at += 1) {
    const flipped = Buffer.from(good);
    flipped[at]! ^= 1;
    expect(decodeFrame(raw(flipped), ring).esp, `octet ${at}`).toMatchObject({ inner: null, authenticated: false });
  }
  for (let length = 0; length < good.length; length += 1)
    expect(decodeFrame(raw(good.subarray(0, length)), ring).esp?.inner ?? null).toBeNull();
  const others = keysOf('aes128-gcm16', { bind: 'hdr', sas: keys.sas.map((sa) => ({ ...sa!, material: '00'.repeat(20) })) });
  expect(decodeFrame(raw(good), new KeyRing([], [], [others])).esp!.inner).toBeNull();
  expect(decodeFrame(raw(good), new KeyRing([], [], [others, keys])).esp!.inner).not.toBeNull();
});

it('in UDP, and with keys of zone 1 alone, which are not enough', () => {
  const keys = keysOf('aes128-gcm16');
  const encapsulated = frame(ipv4({ ...OUTER, protocol: 17 }, udp(4500, 4500, sealedBy(keys, datagram(100)))));
  expect(decodeFrame(encapsulated, new KeyRing([], [], [keys])).esp).toMatchObject({ udpEncap: true, inner: { tcp: { payload: 60 } } });
  const agent = { ...keys, sas: [keys.sas[0]!, null] };
  expect(decodeFrame(raw(sealedBy(keys, datagram(100))), new KeyRing([], [], [agent])).esp!.inner).toBeNull();
});

describe('IPv4 in IP', () => {
  const outer = (inner: Buffer, more = {}) => frame(ipv4({ ...OUTER, protocol: 4, ...more }, inner));

  it('the packet inside', () => {
    const packet = decodeFrame(outer(datagram(100)));
    expect(packet).toMatchObject({ ...OUTER, protocol: 4, tcp: null, ipip: { dstPort: 80, tcp: { payload: 60 } } });
  });

  it('none in a fragment, in rubbish, or too deep', () => {
    expect(decodeFrame(outer(datagram(100), { moreFragments: true })).ipip).toBeNull();
    expect(decodeFrame(outer(octets('rubbish', 100))).ipip).toBeNull();
    expect(decodeFrame(outer(datagram(100).subarray(0, 19))).ipip).toBeNull();
    let nested = datagram(100);
    for (let i = 0; i < 50; i += 1) nested = ipv4({ ...OUTER, protocol: 4 }, nested);
    let depth = 0;
    for (let packet = decodeFrame(frame(nested)); packet.ipip; packet = packet.ipip) depth += 1;
    expect(depth).toBe(4);
  });
});

describe('csa.json', () => {
  const good = [keysOf('aes128-gcm16'), keysOf('3des-cbc/none', { boundaries: [], sas: [keysOf('3des-cbc/none').sas[0]!] })];

  it('is read as it is written, from a run’s keys', async () => {
    expect(parseCsaFile(formatCsaFile(good))).toEqual(good);
    const folder = dirname(write('here', ''));
    mkdirSync(join(folder, 'keys'));
    write(`keys/${CSA_FILE}`, formatCsaFile(good));
    const ring = await loadKeys(folder);
    expect(ring.zoned(SPIS[0])).toHaveLength(2);
  });

  it.each([
    ['{', 'not JSON'],
    ['{}', 'value: '],
    [JSON.stringify([{ ...good[0], boundaries: [] }]), '0.sas: not one per zone'],
    [
      JSON.stringify([{ ...good[0], sas: [good[0]!.sas[0], { ...good[0]!.sas[1], material: 'ab' }] }]),
      '0.sas.1.material: not as many octets',
    ],
    [JSON.stringify([{ ...good[0], sas: [good[0]!.sas[0], { ...good[0]!.sas[1], suite: '__proto__' }] }]), '0.sas.1.suite: '],
  ])('%.20s… is refused without a word of a key', (text, message) => {
    expect(() => parseCsaFile(text, 'run/keys/csa.json')).toThrow(message);
  });

  it('zones that make no zone map open nothing', () => {
    const keys = keysOf('aes128-gcm16', { boundaries: [10] });
    expect(decodeFrame(raw(sealedBy(keys, datagram(100))), new KeyRing([], [], [keys])).esp!.inner).toBeNull();
  });
});
