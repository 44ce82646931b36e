/** One capture of each format, link type and suite, as seeds for mutation. */
import type { EspKeys, IkeKeys } from '../../../src/types/keys.ts';
import { pcapFile, pcapngBlocks } from './files.ts';
import { clearIke, esp, espKeys, ike, ikeFragments, ikeKeys, notify, octets } from './ipsec.ts';
import { cooked1, cooked2, ethernet, flowPayload, ipv4, ipv6, tcp, udp } from './net.ts';
import { everything } from './sctp.ts';

const OUTER = { src: '10.0.1.1', dst: '10.0.2.1' };
const SIX = { src: '2001:db8::1', dst: '2001:db8::2' };

/** Some of them check nothing (`none`), so that mutated ciphertext reaches the layers behind. */
export const KEYS: { ike: IkeKeys[]; esp: EspKeys[] } = {
  ike: [ikeKeys('aes128', 'sha1', 'a'), ikeKeys('aes256gcm16', 'none', 'b'), ikeKeys('null', 'none', 'c')],
  esp: [
    espKeys('aes128', 'sha1', 1),
    espKeys('aes128gcm16', 'none', 2),
    espKeys('null', 'none', 3),
    espKeys('aes128', 'none', 4),
    espKeys('aes128ctr', 'none', 5),
  ],
};

function packets(): Buffer[] {
  const inner = ipv4({ src: '10.9.0.1', dst: '10.8.0.1', protocol: 17 }, udp(1000, 2000, flowPayload(1, 2, 3, 4)));
  const inner6 = ipv6({ ...SIX, protocol: 17 }, udp(1000, 2000, flowPayload(1, 2, 3, 4)), [[0, Buffer.of(0, 1, 4, 0, 0, 0, 0)]]);
  const nested = ipv4({ ...OUTER, protocol: 50 }, esp(KEYS.esp[2]!, 3, 4, inner));
  const sealed = KEYS.esp.flatMap((keys) => [
    esp(keys, 1, 4, inner),
    esp(keys, 2, 41, inner6),
    esp(keys, 3, 4, nested),
    esp(keys, 4, 17, udp(1, 2, octets('x', 9))),
  ]);
  const update = { exchange: 37, messageId: 2, fromInitiator: true, response: false };
  // INIT, DATA, SACK, ASCONF and its answer, ERROR
  const associated = everything().filter((_, i) => [0, 4, 5, 8, 9, 13].includes(i));
  const messages = KEYS.ike.flatMap((keys) => [
    clearIke(keys, { ...update, exchange: 34 }, [{ type: 33, body: octets('sa', 40) }, notify(16388, octets('n', 20))]),
    ike(keys, update, [notify(16400), notify(16401, octets('c', 16))]),
    ...ikeFragments(keys, { ...update, exchange: 35 }, [notify(16396), { type: 39, body: octets('auth', 60) }], 30),
  ]);
  return [
    inner,
    inner6,
    ipv4({ ...OUTER, protocol: 6, options: Buffer.alloc(8, 1) }, tcp(1, 2, 3, 4, 5, octets('t', 10))),
    ipv4({ ...OUTER, protocol: 17, moreFragments: true }, octets('f', 64)),
    ...associated.map((one) => ipv4({ ...OUTER, protocol: 132 }, one)),
    ...associated.map((one, i) => ipv4({ ...OUTER, protocol: 50 }, esp(KEYS.esp[2]!, 9 + i, 132, one))),
    ...sealed.map((one) => ipv4({ ...OUTER, protocol: 50 }, one)),
    ...sealed.slice(0, 3).map((one) => ipv4({ ...OUTER, protocol: 17 }, udp(4500, 4500, one))),
    ...messages.map((one) => ipv4({ ...OUTER, protocol: 17 }, udp(4500, 4500, Buffer.concat([Buffer.alloc(4), one])))),
    ...messages.map((one) => ipv6({ ...SIX, protocol: 17 }, udp(500, 500, one))),
  ];
}

export function seeds(): Buffer[] {
  const all = packets();
  const wrap: [number, (packet: Buffer) => Buffer][] = [
    [1, (packet) => ethernet(packet, [[0x8100, 5]])],
    [1, ethernet],
    [101, (packet) => packet],
    [113, (packet) => cooked1(packet, 4)],
    [276, (packet) => cooked2(packet, 0)],
    [0, (packet) => Buffer.concat([Buffer.of(packet[0]! >> 4 === 4 ? 2 : 10, 0, 0, 0), packet])],
  ];
  const classic = wrap.map(([linkType, link], i) =>
    pcapFile(
      all.map((packet, n) => ({ seconds: 1_700_000_000, fraction: n, data: link(packet) })),
      { linkType, nanos: i % 2 === 0, little: i % 3 !== 0 },
    ),
  );
  const ng = [true, false].map((little) => {
    const blocks = pcapngBlocks(little);
    const interfaces = [
      { linkType: 1, resolution: 9 },
      { linkType: 101, offset: 3, snapLength: 200 },
    ].map(blocks.interface);
    const frames = all.map(
      (packet, n) =>
        [blocks.enhanced(0, BigInt(n), ethernet(packet)), blocks.obsolete(1, BigInt(n), packet), blocks.simple(ethernet(packet))][n % 3]!,
    );
    return Buffer.concat([
      blocks.section(),
      ...interfaces,
      ...frames,
      blocks.block(0xbad, octets('?', 40)),
      blocks.section(),
      interfaces[0]!,
      ...frames.slice(0, 3),
    ]);
  });
  return [...classic, ...ng];
}
