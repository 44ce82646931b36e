/** What we send, opened by the decoder of captures, which shares no code with it. */
import { describe, expect, test } from 'vitest';
import { keyLength, ONE_ZONE, SUITE_NAMES, type SuiteName, seal, sealTransport, suiteNamed, writeOuter } from '../../src/mlipsec/index.ts';
import { decodeFrame, KeyRing } from '../../src/pcap/index.ts';
import type { Encryption, Integrity } from '../../src/types/keys.ts';
import { datagram, HOME, PEER } from './build/datagram.ts';
import { octets, sender, spiOf, written } from './build/peers.ts';

const NAMES: Record<SuiteName, [Encryption, Integrity]> = {
  'aes128-gcm16': ['aes128gcm16', 'none'],
  'aes256-gcm16': ['aes256gcm16', 'none'],
  'aes128-cbc/sha1-96': ['aes128', 'sha1'],
  'aes128-cbc/sha256-128': ['aes128', 'sha256'],
  'aes256-cbc/sha1-96': ['aes256', 'sha1'],
  'aes256-cbc/sha256-128': ['aes256', 'sha256'],
  'null/sha1-96': ['null', 'sha1'],
  'null/sha256-128': ['null', 'sha256'],
  '3des-cbc/none': ['3des', 'none'],
  '3des-cbc/sha1-96': ['3des', 'sha1'],
};

function ring(suite: SuiteName, zones: number[]): KeyRing {
  const sizes = suiteNamed(suite, { fidelity: true });
  const cut = sizes.encKey + sizes.salt;
  const [encr, integ] = NAMES[suite];
  const keys = zones.map((zone) => {
    const material = octets(`zone ${zone} `, keyLength(sizes));
    return { src: '*', dst: '*', spi: spiOf(zone), encr, encrKey: material.subarray(0, cut), integ, integKey: material.subarray(cut) };
  });
  return new KeyRing([], keys);
}

const outer = (payload: Uint8Array): Buffer => {
  const packet = Buffer.alloc(20 + payload.length);
  writeOuter(packet, { source: 0x0a000101, destination: 0x0a000201, tos: 0x28, payload: payload.length });
  packet.set(payload, 20);
  return packet;
};
const decode = (data: Buffer, keys: KeyRing) => decodeFrame({ t: 0, linkType: 101, length: data.length, data }, keys);

describe.each(SUITE_NAMES)('%s', (suite) => {
  const authenticated = suite !== '3des-cbc/none';

  test('tunnel mode', () => {
    const from = sender({ suite, zones: ONE_ZONE });
    for (const length of [40, 41, 52, 55, 1000, 1400]) {
      const packet = decode(outer(written((out) => seal(from, datagram(length), out))), ring(suite, [1]));
      expect(packet).toMatchObject({ src: '10.0.1.1', dst: '10.0.2.1', protocol: 50 });
      expect(packet.esp).toMatchObject({ spi: spiOf(1), seq: from.seq, authenticated });
      expect(packet.esp!.inner).toMatchObject({
        src: HOME,
        dst: PEER,
        length,
        srcPort: 40_000,
        dstPort: 80,
        tcp: { seq: 1_000_000 + length, ack: 77 },
      });
    }
  });

  test('transport mode', () => {
    const from = sender({ suite, zones: ONE_ZONE });
    const packet = decode(
      written((out) => sealTransport(from, datagram(99), out)),
      ring(suite, [1]),
    );
    expect(packet).toMatchObject({ src: HOME, dst: PEER, protocol: 50 });
    expect(packet.esp).toMatchObject({ seq: 1, authenticated });
    expect(packet.esp!.inner).toMatchObject({ protocol: 6, srcPort: 40_000, tcp: { payload: 59 } });
  });

  test('layout P: the first unit by itself, and without binding the second, are ordinary ESP', () => {
    const from = sender({ suite, bind: 'none' });
    const payload = written((out) => seal(from, datagram(777), out));
    const cut = from.full[0]!;
    const [one, two] = [payload.subarray(0, cut), payload.subarray(cut)].map((unit) => decode(outer(unit), ring(suite, [1, 2])));
    expect(one!.esp).toMatchObject({ spi: spiOf(1), seq: 1, authenticated, inner: { src: HOME, dst: PEER } });
    expect(two!.esp).toMatchObject({ spi: spiOf(2), seq: 1 });
    if (authenticated) expect(two!.esp).toMatchObject({ authenticated });
  });
});
