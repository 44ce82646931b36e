import { describe, expect, test } from 'vitest';
import { decodeFrame, KeyRing, notifyName, payloadName } from '../../src/pcap/index.ts';
import type { Encryption, Integrity } from '../../src/types/keys.ts';
import { clearIke, ike, ikeFragments, ikeKeys, notify, octets } from './build/ipsec.ts';
import { ipv4, udp } from './build/net.ts';

const MARKER = Buffer.alloc(4);
const ADDRESSES = { src: '10.0.1.1', dst: '10.0.2.1', protocol: 17 };
const UPDATE = { exchange: 37, messageId: 5, fromInitiator: true, response: false };
const REPLY = { exchange: 37, messageId: 5, fromInitiator: false, response: true };

function decode(message: Uint8Array, keys?: KeyRing, port = 4500) {
  const data = ipv4(ADDRESSES, udp(port, port, port === 4500 ? Buffer.concat([MARKER, message]) : message));
  return decodeFrame({ t: 0, linkType: 101, length: data.length, data }, keys).ike;
}
const types = (info: ReturnType<typeof decode>) => info?.notifies.map((n) => n.type);

test('the header and the notifies of IKE_SA_INIT, which nothing hides', () => {
  const keys = ikeKeys('aes128', 'sha1');
  const first = { ...keys, responderSpi: '0000000000000000' };
  const options = { exchange: 34, messageId: 0, fromInitiator: true, response: false };
  const message = clearIke(first, options, [
    { type: 33, body: Buffer.alloc(40) },
    notify(16388, octets('nat', 20)),
    notify(16393, Buffer.of(9), 3, Buffer.of(1, 2, 3, 4)),
  ]);
  const info = decode(message, undefined, 500)!;
  expect(info).toMatchObject({
    initiatorSpi: keys.initiatorSpi,
    responderSpi: '0000000000000000',
    ...options,
    decrypted: true,
    payloads: [33, 41, 41],
  });
  expect(info.notifies.map(({ type, protocol, spi, data }) => ({ type, protocol, spi, data: Buffer.from(data).toString('hex') }))).toEqual([
    { type: 16388, protocol: 0, spi: '', data: octets('nat', 20).toString('hex') },
    { type: 16393, protocol: 3, spi: '01020304', data: '09' },
  ]);
});

const SUITES: [Encryption, Integrity][] = [
  ['aes128', 'sha1'],
  ['aes192', 'sha256'],
  ['aes256', 'sha384'],
  ['aes256', 'sha512'],
  ['3des', 'sha1'],
  ['aes128ctr', 'sha256'],
  ['aes128gcm16', 'none'],
  ['aes256gcm8', 'none'],
  ['chacha20poly1305', 'none'],
];

describe.each(SUITES)('%s and %s', (encr, integ) => {
  const keys = ikeKeys(encr, integ);
  const ring = new KeyRing([ikeKeys('aes128', 'sha1', 'other'), keys]);
  const update = ike(keys, UPDATE, [notify(16400), notify(16401, octets('cookie', 16))]);

  test('opens messages of both sides', () => {
    expect(decode(update, ring)).toMatchObject({ ...UPDATE, decrypted: true, payloads: [41, 41] });
    expect(types(decode(update, ring))).toEqual([16400, 16401]);
    expect(Buffer.from(decode(update, ring)!.notifies[1]!.data)).toEqual(octets('cookie', 16));
    expect(types(decode(ike(keys, REPLY, [notify(16401)]), ring))).toEqual([16401]);
  });

  test('an empty message (a liveness check) is decrypted', () => {
    expect(decode(ike(keys, UPDATE, []), ring)).toMatchObject({ decrypted: true, payloads: [], notifies: [] });
  });

  test('one flipped bit anywhere is never decrypted to something else', () => {
    for (let at = 16; at < update.length; at++) {
      const broken = Buffer.from(update);
      broken[at]! ^= 0x10;
      const info = decode(broken, ring);
      if (info !== null) expect(info.notifies, `octet ${at}`).toEqual([]);
    }
  });

  test('without its keys, or with the other direction only, it stays closed', () => {
    const closed = { decrypted: false, payloads: [46], notifies: [] };
    expect(decode(update)).toMatchObject(closed);
    expect(decode(update, new KeyRing())).toMatchObject(closed);
    expect(decode(ike(keys, { ...UPDATE, fromInitiator: false }, [notify(16400)]).fill(0x08, 19, 20), ring)).toMatchObject(closed);
  });

  test('fragments in any order: the last one seen carries the payloads', () => {
    const payloads = [notify(16396), { type: 39, body: octets('auth', 100) }, notify(16397, Buffer.of(10, 0, 3, 1))];
    const parts = ikeFragments(keys, REPLY, payloads, 40);
    expect(parts.length).toBeGreaterThan(2);
    for (const order of [parts, parts.toReversed(), [parts[0]!, ...parts]]) {
      const decoded = order.map((part) => decode(part, ring)!);
      expect(decoded.every((info) => info.decrypted)).toBe(true);
      expect(decoded.slice(0, -1).map((info) => info.payloads)).toEqual(decoded.slice(0, -1).map(() => [53]));
      expect(decoded.at(-1)!.payloads).toEqual([41, 39, 41]);
      expect(types(decoded.at(-1)!)).toEqual([16396, 16397]);
    }
  });
});

test('a fragment set that grows is started again with the smaller fragments', () => {
  const keys = ikeKeys('aes128', 'sha1');
  const ring = new KeyRing([keys]);
  const payloads = [notify(16396), { type: 39, body: octets('auth', 100) }];
  const [large, small] = [ikeFragments(keys, REPLY, payloads, 80), ikeFragments(keys, REPLY, payloads, 30)];
  expect(decode(large[0]!, ring)!.payloads).toEqual([53]);
  expect(small.map((part) => decode(part, ring)!.payloads)).toEqual([...small.slice(1).map(() => [53]), [41, 39]]);
});

test('port decides: marker on 4500, none on 500, keepalives are neither', () => {
  const message = clearIke(ikeKeys('aes128', 'sha1'), UPDATE, []);
  expect(decode(message, undefined, 500)).not.toBeNull();
  expect(decode(message, undefined, 501)).toBeNull();
  const keepalive = ipv4(ADDRESSES, udp(4500, 4500, Buffer.of(0xff)));
  expect(decodeFrame({ t: 0, linkType: 101, length: keepalive.length, data: keepalive })).toMatchObject({
    ike: null,
    esp: null,
    dstPort: 4500,
  });
});

test.each([
  ['IKEv1', (b: Buffer) => b.fill(0x10, 17, 18)],
  ['too short for a header', (b: Buffer) => b.subarray(0, 27)],
])('%s is not IKEv2', (_what, damage) => {
  expect(decode(damage(clearIke(ikeKeys('aes128', 'sha1'), UPDATE, [notify(16400)])))).toBeNull();
});

test.each([
  ['the message claims more than there is', (b: Buffer) => b.writeUInt32BE(0xffffffff, 24), false, []],
  ['the message claims less than its header', (b: Buffer) => b.writeUInt32BE(3, 24), false, []],
  ['a payload of length 0', (b: Buffer) => b.writeUInt16BE(0, 30), true, []],
  ['a payload longer than the message', (b: Buffer) => b.writeUInt16BE(0xffff, 30), true, []],
  ['a notify whose SPI does not fit', (b: Buffer) => b.writeUInt8(255, 33), true, []],
  ['nothing wrong', () => 0, true, [16400]],
])('hostile lengths: %s', (_what, damage, decrypted, expected) => {
  const message = clearIke(ikeKeys('aes128', 'sha1'), UPDATE, [notify(16400)]);
  damage(message);
  const info = decode(message)!;
  expect(info.decrypted).toBe(decrypted);
  expect(types(info)).toEqual(expected);
});

test('names of numbers, and numbers without a name', () => {
  expect([notifyName(16400), notifyName(40999), payloadName(46), payloadName(200)]).toEqual(['UPDATE_SA_ADDRESSES', '40999', 'SK', '200']);
});
