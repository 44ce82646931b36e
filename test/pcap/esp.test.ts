import { describe, expect, test } from 'vitest';
import { decodeFrame, decodeFrames, KeyRing } from '../../src/pcap/index.ts';
import type { Encryption, EspKeys, Integrity } from '../../src/types/keys.ts';
import { esp, espKeys, octets } from './build/ipsec.ts';
import { ipv4, ipv6, udp } from './build/net.ts';

const OUTER = { src: '10.0.1.1', dst: '10.0.2.1' };
const frame = (data: Buffer) => ({ t: 7, linkType: 101, length: data.length, data });
const raw = (sealed: Buffer, addresses = OUTER) => frame(ipv4({ ...addresses, protocol: 50 }, sealed));
const inner = (size = 40) => ipv4({ src: '10.9.0.1', dst: '10.8.0.1', protocol: 17 }, udp(1000, 2000, octets('data', size)));
const open = (sealed: Buffer, keys: EspKeys[], addresses = OUTER) => decodeFrame(raw(sealed, addresses), new KeyRing([], keys)).esp!;

const SUITES: [Encryption, Integrity][] = [
  ['aes128', 'sha1'],
  ['aes192', 'sha256'],
  ['aes256', 'sha384'],
  ['aes128', 'sha512'],
  ['3des', 'sha1'],
  ['null', 'sha256'],
  ['aes256ctr', 'sha1'],
  ['aes128gcm16', 'none'],
  ['aes192gcm12', 'none'],
  ['aes256gcm8', 'none'],
  ['chacha20poly1305', 'none'],
];

describe.each(SUITES)('%s and %s', (encr, integ) => {
  const keys = espKeys(encr, integ, 0xc1);

  test('tunnel mode: the inner packet, whatever the padding', () => {
    for (let size = 0; size < 20; size++) {
      const info = open(esp(keys, 9, 4, inner(size)), [keys]);
      expect(info).toMatchObject({ spi: 0xc1, seq: 9, udpEncap: false, authenticated: true });
      expect(info.inner).toMatchObject({
        t: 7,
        ipVersion: 4,
        src: '10.9.0.1',
        dst: '10.8.0.1',
        srcPort: 1000,
        dstPort: 2000,
        length: 28 + size,
      });
      expect(Buffer.from(info.inner!.payload)).toEqual(octets('data', size));
    }
  });

  test('one flipped bit anywhere after the header: not authenticated, no inner packet', () => {
    const sealed = esp(keys, 9, 4, inner());
    for (let at = 4; at < sealed.length; at++) {
      const broken = Buffer.from(sealed);
      broken[at]! ^= 1;
      expect(open(broken, [keys]), `octet ${at}`).toMatchObject({ inner: null, authenticated: false });
    }
    expect(open(sealed.subarray(0, -1), [keys])).toMatchObject({ inner: null, authenticated: false });
  });

  test('64-bit sequence numbers whose high half is 0', () => {
    const plain = esp(keys, 1, 4, inner());
    const extended = [2, 3].map((seq) => esp(keys, seq, 4, inner(), { esnHigh: 0 }));
    const ring = new KeyRing([], [keys]);
    const seen = [plain, ...extended, plain].map((sealed) => decodeFrame(raw(sealed), ring).esp!.authenticated);
    expect(seen).toEqual([true, true, true, true]);
  });

  test('in bulk as one by one, good and broken packets of two SAs mixed', () => {
    const other = espKeys('aes128', 'sha256', 0xc2);
    const frames = Array.from({ length: 50 }, (_, i) => {
      const sealed = esp(i % 3 === 0 ? other : keys, i, 4, inner(i * 13));
      if (i % 7 === 0) sealed[20]! ^= 1;
      return raw(sealed);
    });
    const ring = new KeyRing([], [keys, other]);
    const packets = decodeFrames(frames, new KeyRing([], [keys, other]));
    expect(packets).toEqual(frames.map((one) => decodeFrame(one, ring)));
    expect(packets.map((packet) => packet.esp!.inner !== null)).toEqual(frames.map((_, i) => i % 7 !== 0));
  });
});

const keys = espKeys('aes128', 'sha1', 0xc1);

test('more than one batch of bulk decryption', () => {
  const frames = Array.from({ length: 1000 }, (_, i) => raw(esp(keys, i, 4, inner(1400))));
  const packets = decodeFrames(frames, new KeyRing([], [keys]));
  expect(packets.every((packet) => packet.esp!.inner!.dstPort === 2000)).toBe(true);
});

test('transport mode: the upper layer between the outer addresses', () => {
  const info = open(esp(keys, 1, 17, udp(5, 6, Buffer.from('abc'))), [keys]);
  expect(info.inner).toMatchObject({ ...OUTER, ipVersion: 4, protocol: 17, srcPort: 5, dstPort: 6, length: 31 });
});

test('IPv6 inside IPv4, with traffic-flow padding after it', () => {
  const six = ipv6({ src: '2001:db8::1', dst: '2001:db8::2', protocol: 17 }, udp(5, 6, Buffer.from('abc')));
  const info = open(esp(keys, 1, 41, six, { tfc: 100 }), [keys]);
  expect(info.inner).toMatchObject({ ipVersion: 6, src: '2001:db8::1', dstPort: 6 });
  expect(Buffer.from(info.inner!.payload).toString()).toBe('abc');
});

test('a dummy packet (next header 59) is authenticated and says so', () => {
  expect(open(esp(keys, 1, 59, Buffer.alloc(30)), [keys])).toMatchObject({ authenticated: true, inner: { protocol: 59 } });
});

test('ESP in UDP on port 4500, either side', () => {
  for (const [source, destination] of [
    [4500, 61000],
    [61000, 4500],
  ] as const) {
    const packet = decodeFrame(
      frame(ipv4({ ...OUTER, protocol: 17 }, udp(source, destination, esp(keys, 3, 4, inner())))),
      new KeyRing([], [keys]),
    );
    expect(packet).toMatchObject({ protocol: 17, srcPort: source, ike: null, esp: { udpEncap: true, seq: 3, authenticated: true } });
    expect(packet.esp!.inner!.dstPort).toBe(2000);
  }
});

test('ESP in ESP, in bulk too', () => {
  const outside = espKeys('aes256', 'sha256', 0xd1);
  const data = raw(esp(outside, 1, 4, ipv4({ ...OUTER, protocol: 50 }, esp(keys, 2, 4, inner()))));
  const ring = new KeyRing([], [keys, outside]);
  for (const packet of [decodeFrame(data, ring), ...decodeFrames([data], ring)]) {
    expect(packet.esp!.inner!.esp).toMatchObject({ spi: 0xc1, seq: 2, authenticated: true, inner: { dstPort: 2000 } });
  }
});

test('an SA that MOBIKE moved is found by its SPI; of two with one SPI the one whose key fits', () => {
  const other = {
    ...espKeys('aes128', 'sha1', 0xc1, '10.0.2.1', '10.0.1.1'),
    encrKey: octets('another', 16),
    integKey: octets('another', 20),
  };
  const moved = { src: '10.0.77.1', dst: '10.0.2.1' };
  expect(open(esp(keys, 1, 4, inner()), [keys], moved).authenticated).toBe(true);
  for (const order of [
    [keys, other],
    [other, keys],
  ]) {
    for (const addresses of [OUTER, moved, { src: '10.0.2.1', dst: '10.0.1.1' }]) {
      expect(open(esp(keys, 1, 4, inner()), order, addresses).inner?.dstPort).toBe(2000);
      expect(open(esp(other, 1, 4, inner()), order, addresses).inner?.dstPort).toBe(2000);
    }
  }
});

test('without an ICV the padding must hold, and nothing is called authenticated', () => {
  for (const integ of ['none', 'unchecked12'] as const) {
    const unchecked: EspKeys = { ...espKeys('aes128', 'none', 0xc1), integ };
    const icv = integ === 'none' ? Buffer.alloc(0) : Buffer.alloc(12, 0x77);
    const sealed = Buffer.concat([esp({ ...unchecked, integ: 'none' }, 1, 4, inner()), icv]);
    expect(open(sealed, [unchecked])).toMatchObject({ authenticated: false, inner: { dstPort: 2000 } });
    expect(open(sealed, [{ ...unchecked, encrKey: octets('wrong', 16) }])).toMatchObject({ authenticated: false, inner: null });
  }
});

test('no key, a wrong SPI, a fragment, a header cut off', () => {
  const sealed = esp(keys, 1, 4, inner());
  expect(decodeFrame(raw(sealed)).esp).toEqual({ spi: 0xc1, seq: 1, udpEncap: false, inner: null, authenticated: false });
  expect(open(sealed, [espKeys('aes128', 'sha1', 0xc3)]).inner).toBeNull();
  const fragment = frame(ipv4({ ...OUTER, protocol: 50, moreFragments: true }, sealed));
  expect(decodeFrame(fragment, new KeyRing([], [keys])).esp).toMatchObject({ seq: 1, inner: null });
  expect(decodeFrame(raw(sealed.subarray(0, 7))).esp).toBeNull();
});

// RFC 3602 section 4, case 5: transport mode ESP of an echo request, no integrity algorithm
test('the AES-CBC ESP packet of RFC 3602', () => {
  const packet = Buffer.from(
    `4500007c08f200004032f9a5c0a87b03c0a87b64 0000432100000001 e96e8c08ab465763fd098d45dd3ff893
     f663c25d325c18c6a9453e194e120849a4870b66cc6b9965330013b4898dc856a4699e523a55db080b59ec3a8e4b7e52
     775b07d1db34ed9c538ab50c551b874aa269add047ad2d5913ac19b7cfbad4a6`.replaceAll(/\s/g, ''),
    'hex',
  );
  const encrKey = Buffer.from('90d382b410eeba7ad938c46cec1a82bf', 'hex');
  const rfc: EspKeys = {
    src: '192.168.123.3',
    dst: '192.168.123.100',
    spi: 0x4321,
    encr: 'aes128',
    encrKey,
    integ: 'none',
    integKey: Buffer.alloc(0),
  };
  const decoded = decodeFrame(frame(packet), new KeyRing([], [rfc]));
  expect(decoded.esp!.inner).toMatchObject({ src: '192.168.123.3', dst: '192.168.123.100', protocol: 1 });
  expect(Buffer.from(decoded.esp!.inner!.payload).toString('hex')).toBe(
    `08000ebda70a00008e9c083db95b0700${Array.from({ length: 48 }, (_, i) => (i + 8).toString(16).padStart(2, '0')).join('')}`,
  );
});
