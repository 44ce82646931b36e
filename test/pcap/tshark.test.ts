/** The same captures and key tables through tshark: an independent decoder must see what we see. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeFrames, formatEspTable, formatIkeTable, KeyRing, parseEspTable, parseIkeTable, readCapture } from '../../src/pcap/index.ts';
import type { Encryption, EspKeys, IkeKeys, Integrity } from '../../src/types/keys.ts';
import type { Packet } from '../../src/types/packet.ts';
import { pcapFile, pcapngBlocks } from './build/files.ts';
import { clearIke, esp, espKeys, ike, ikeFragments, ikeKeys, notify, octets } from './build/ipsec.ts';
import { cooked1, cooked2, ethernet, ipv4, ipv6, tcp, udp } from './build/net.ts';
import { scratch } from './build/tmp.ts';

const file = scratch();
const missing = spawnSync('tshark', ['--version']).error !== undefined;
const OUTER = { src: '10.0.1.1', dst: '10.0.2.1' };
const SIX = { src: '2001:db8::1', dst: '2001:db8:0:1::5' };
const SECONDS = 1_700_000_000;

const FIELDS = [
  'frame.time_epoch',
  'ip.src',
  'ip.dst',
  'ipv6.src',
  'ipv6.dst',
  'udp.srcport',
  'udp.dstport',
  'udp.payload',
  'tcp.seq_raw',
  'tcp.len',
  'esp.spi',
  'esp.sequence',
  'esp.icv_good',
  'isakmp.ispi',
  'isakmp.exchangetype',
  'isakmp.messageid',
  'isakmp.typepayload',
  'isakmp.notify.msgtype',
];

function tshark(path: string, ikes: IkeKeys[], esps: EspKeys[]): string[][] {
  const uat = (name: string, table: string) => table.split('\n').flatMap((line) => (line === '' ? [] : ['-o', `uat:${name}:${line}`]));
  const args = [
    ...['-n', '-r', path, '-T', 'fields', '-E', 'separator=|', ...FIELDS.flatMap((field) => ['-e', field])],
    ...uat('ikev2_decryption_table', formatIkeTable(ikes)),
    ...uat('esp_sa', formatEspTable(esps)),
    ...['-o', 'esp.enable_encryption_decode:TRUE', '-o', 'esp.enable_authentication_check:TRUE'],
  ];
  const output = execFileSync('tshark', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines = output.toString().split('\n').slice(0, -1);
  return lines.map((line) => line.split('|'));
}

/** What tshark would print for our packet. */
function row(packet: Packet, epoch: number): string[] {
  const layers: Packet[] = [];
  for (let p: Packet | null | undefined = packet; p; p = p.esp?.inner) layers.push(p);
  const join = (pick: (p: Packet) => (string | number | undefined)[]) => layers.flatMap(pick).join(',');
  // in transport mode our inner packet repeats the outer addresses
  const headers = layers.filter((p, i) => i === 0 || p.src !== layers[i - 1]!.src);
  const version = (v: 4 | 6, pick: (p: Packet) => string) =>
    headers
      .filter((p) => p.ipVersion === v)
      .map(pick)
      .join(',');
  const onlyUdp = (pick: (p: Packet) => string | number) => join((p) => (p.protocol === 17 && p.srcPort !== 0 ? [pick(p)] : []));
  const time = BigInt(epoch) * 1_000_000_000n + BigInt(packet.t);
  const { ike } = packet;
  return [
    `${time / 1_000_000_000n}.${String(time % 1_000_000_000n).padStart(9, '0')}`,
    version(4, (p) => p.src),
    version(4, (p) => p.dst),
    version(6, (p) => p.src),
    version(6, (p) => p.dst),
    onlyUdp((p) => p.srcPort),
    onlyUdp((p) => p.dstPort),
    onlyUdp((p) => Buffer.from(p.payload).toString('hex')),
    join((p) => (p.tcp ? [p.tcp.seq] : [])),
    join((p) => (p.tcp ? [p.tcp.payload] : [])),
    join((p) => (p.esp ? [`0x${p.esp.spi.toString(16).padStart(8, '0')}`] : [])),
    join((p) => (p.esp ? [p.esp.seq] : [])),
    join((p) => (p.esp?.authenticated ? [1] : [])),
    ike?.initiatorSpi ?? '',
    String(ike?.exchange ?? ''),
    ike ? `0x${ike.messageId.toString(16).padStart(8, '0')}` : '',
    (ike?.payloads ?? []).join(','),
    (ike?.notifies ?? []).map((n) => n.type).join(','),
  ];
}

/** tshark also lists the encrypted payload itself, and the proposals (2) and transforms (3) inside an SA payload. */
const payloadsOnly = (types: string) => {
  const inner = types.split(',').filter((type) => type !== '2' && type !== '3' && type !== '46');
  return (inner.length > 1 && inner[0] === '53' ? inner.slice(1) : inner).join(',');
};

/** tshark decodes the packet an ICMP error quotes, we do not. */
const isIcmp = (packet: Packet): boolean => packet.protocol === 1 || (packet.esp?.inner != null && isIcmp(packet.esp.inner));
const withoutQuote = (cell: string, ours: string) => cell.split(',').slice(0, ours.split(',').length).join(',');

async function compare(bytes: Buffer, ikes: IkeKeys[] = [], esps: EspKeys[] = []): Promise<Packet[]> {
  return compareFile(file('x.pcap', bytes), ikes, esps);
}

async function compareFile(path: string, ikes: IkeKeys[], esps: EspKeys[]): Promise<Packet[]> {
  const { frames, epoch } = await readCapture(path);
  const packets = decodeFrames(frames, new KeyRing(ikes, esps));
  const ours = packets.map((packet) => row(packet, epoch));
  const theirs = tshark(path, ikes, esps).map((cells) => cells.with(16, payloadsOnly(cells[16]!)));
  for (const [i, cells] of theirs.entries()) if (isIcmp(packets[i]!)) theirs[i] = cells.map((cell, n) => withoutQuote(cell, ours[i]![n]!));
  expect(ours).toEqual(theirs);
  return packets;
}

const pcap = (frames: Buffer[], linkType = 1) =>
  pcapFile(
    frames.map((data, i) => ({ seconds: SECONDS + i, fraction: 999_999_999 - i, data })),
    { linkType },
  );
const natT = (message: Uint8Array) =>
  ethernet(ipv4({ ...OUTER, protocol: 17 }, udp(4500, 4500, Buffer.concat([Buffer.alloc(4), message]))));
const inner = (size: number) => ipv4({ src: '10.9.0.1', dst: '10.8.0.1', protocol: 17 }, udp(40000, 40001, octets('data', size)));

describe.skipIf(missing)(missing ? 'tshark agrees (skipped: tshark is not installed)' : 'tshark agrees', () => {
  test.each([
    [1, [ethernet, (p: Buffer) => ethernet(p, [[0x8100, 5]])]],
    [101, [(p: Buffer) => p]],
    [113, [(p: Buffer) => cooked1(p, 4)]],
    [276, [(p: Buffer) => cooked2(p, 0)]],
    [0, [(p: Buffer) => Buffer.concat([Buffer.of(p[0]! >> 4 === 4 ? 2 : 24, 0, 0, 0), p])]],
  ])('on link type %i, IPv4 and IPv6, UDP and TCP, fragments', async (linkType, wrappers) => {
    const extensions: [number, Buffer][] = [[0, Buffer.of(0, 1, 4, 0, 0, 0, 0)]];
    const packets = [
      ipv4({ ...OUTER, protocol: 17, options: Buffer.of(1, 1, 1, 1) }, udp(40000, 40001, octets('a', 33))),
      ipv4({ ...OUTER, protocol: 6 }, tcp(40000, 40001, 0xfffffff0, 2, 0x18, octets('b', 10))),
      ipv6({ ...SIX, protocol: 17 }, udp(40000, 40001, octets('c', 33)), extensions),
      ipv6({ ...SIX, protocol: 6 }, tcp(40000, 40001, 1, 2, 0x02, Buffer.alloc(0))),
      ipv4({ ...OUTER, protocol: 17, fragmentOffset: 64 }, octets('d', 20)),
      ipv4({ ...OUTER, protocol: 132 }, Buffer.alloc(40)),
    ];
    await compare(
      pcap(
        packets.flatMap((packet) => wrappers.map((wrap) => wrap(packet))),
        linkType,
      ),
    );
  });

  test.each([6, 9, 0x9e])('on pcapng times, resolution %i', async (resolution) => {
    const ng = pcapngBlocks(false);
    const packet = ethernet(inner(5));
    const ticks = resolution === 0x9e ? (BigInt(SECONDS) << 30n) + 12_345n : BigInt(SECONDS) * 10n ** BigInt(resolution) + 123_456n;
    await compare(
      Buffer.concat([
        ng.section(),
        ng.interface({ resolution, offset: 3 }),
        ng.enhanced(0, ticks, packet),
        ng.obsolete(0, ticks + 1n, packet),
      ]),
    );
  });

  const espSuites: [Encryption, Integrity][] = [
    ['aes128', 'sha1'],
    ['aes256', 'sha256'],
    ['aes192', 'sha384'],
    ['aes256', 'sha512'],
    ['null', 'sha1'],
    ['3des', 'sha1'],
    ['aes128ctr', 'sha1'],
    ['aes128gcm16', 'none'],
    ['aes256gcm16', 'none'],
  ];
  test.each(espSuites)('on ESP with %s and %s', async (encr, integ) => {
    const keys = espKeys(encr, integ, 0xc1);
    const udpEncap = ethernet(ipv4({ ...OUTER, protocol: 17 }, udp(4500, 4500, esp(keys, 3, 4, inner(70)))));
    const raw = [0, 1, 15, 16, 1300].map((size, i) => ethernet(ipv4({ ...OUTER, protocol: 50 }, esp(keys, 10 + i, 4, inner(size)))));
    const transport = ethernet(ipv4({ ...OUTER, protocol: 50 }, esp(keys, 20, 17, udp(40000, 40001, octets('t', 9)))));
    const packets = await compare(pcap([...raw, transport, udpEncap]), [], [keys]);
    expect(packets.every((packet) => packet.esp?.inner?.dstPort === 40001)).toBe(true);
  });

  const ikeSuites: [Encryption, Integrity][] = [
    ['aes128', 'sha1'],
    ['aes256', 'sha256'],
    ['aes192', 'sha384'],
    ['aes256', 'sha512'],
    ['3des', 'sha1'],
    ['aes128ctr', 'sha256'],
    ['aes128gcm16', 'none'],
    ['aes256gcm8', 'none'],
  ];
  test.each(ikeSuites)('on IKE with %s and %s', async (encr, integ) => {
    const keys = ikeKeys(encr, integ);
    const message = (exchange: number, messageId: number, fromInitiator: boolean) => ({
      exchange,
      messageId,
      fromInitiator,
      response: !fromInitiator,
    });
    const init = clearIke(keys, message(34, 0, true), [notify(16388, octets('a', 20)), notify(16389, octets('b', 20))]);
    const auth = [
      notify(16396),
      { type: 39, body: Buffer.concat([Buffer.of(2, 0, 0, 0), octets('auth', 64)]) },
      notify(16397, Buffer.of(10, 0, 3, 1)),
    ];
    const packets = await compare(
      pcap([
        ethernet(ipv4({ ...OUTER, protocol: 17 }, udp(500, 500, init))),
        ...ikeFragments(keys, message(35, 1, true), auth, 40).map(natT),
        natT(ike(keys, message(37, 2, true), [notify(16400), notify(16388, octets('n', 20)), notify(16401, octets('c', 16))])),
        natT(ike(keys, message(37, 2, false), [notify(16401, octets('c', 16))])),
      ]),
      [keys],
    );
    expect(packets.every((packet) => packet.ike?.decrypted)).toBe(true);
    expect(packets.at(-2)!.ike!.notifies.map((n) => n.type)).toEqual([16400, 16388, 16401]);
  });

  test.each(['strongswan-cbc', 'strongswan-gcm'])('on %s, recorded between two charons', async (name) => {
    const folder = join(import.meta.dirname, 'fixtures', name);
    const table = (file: string) => readFileSync(join(folder, 'keys', file), 'utf8');
    const [ikes, esps] = [parseIkeTable(table('ikev2_decryption_table')), parseEspTable(table('esp_sa'))];
    await compareFile(join(folder, 'capture.pcap'), ikes, esps);
  });
});
