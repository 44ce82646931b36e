import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, decodeFrames, KeyRing } from '../../src/pcap/index.ts';
import { espKeys, ikeKeys } from './build/ipsec.ts';
import { ipv4, ipv6, tcp, udp } from './build/net.ts';

const A = { src: '192.0.2.1', dst: '198.51.100.255' };
const SIX = { src: '2001:db8::1', dst: '2001:db8:0:1::' };
const decode = (data: Buffer) => decodeFrame({ t: 0, linkType: 101, length: data.length, data });
const text = (data: Uint8Array) => Buffer.from(data).toString();

describe('IPv4', () => {
  test('options are stepped over', () => {
    const packet = decode(ipv4({ ...A, protocol: 17, options: Buffer.of(148, 4, 0, 0, 1, 1, 1, 1) }, udp(7, 8, Buffer.from('x'))));
    expect(packet).toMatchObject({ ...A, srcPort: 7, dstPort: 8, length: 37, fragment: false });
  });

  test('padding of short Ethernet frames is not payload', () => {
    const packet = decode(Buffer.concat([ipv4({ ...A, protocol: 17 }, udp(7, 8, Buffer.from('x'))), Buffer.alloc(17)]));
    expect(text(packet.payload)).toBe('x');
  });

  test('only the first fragment has ports', () => {
    const first = decode(ipv4({ ...A, protocol: 17, moreFragments: true }, udp(7, 8, Buffer.alloc(8))));
    const last = decode(ipv4({ ...A, protocol: 17, fragmentOffset: 16 }, udp(7, 8, Buffer.alloc(8))));
    expect(first).toMatchObject({ fragment: true, protocol: 17, srcPort: 7, dstPort: 8 });
    expect(last).toMatchObject({ fragment: true, protocol: 17, srcPort: 0, dstPort: 0 });
    expect(last.payload).toHaveLength(0);
  });

  test('a total length of 0 means the length of the frame', () => {
    const data = ipv4({ ...A, protocol: 17 }, udp(7, 8, Buffer.from('offload')));
    data.writeUInt16BE(0, 2);
    expect(decode(data)).toMatchObject({ length: 35, dstPort: 8 });
  });

  test.each([0x40, 0x44, 0x4f])('a header length that does not hold (first octet %i) is not IP', (octet) => {
    const data = ipv4({ ...A, protocol: 17 }, Buffer.alloc(0));
    data[0] = octet;
    expect(decode(data).ipVersion).toBe(0);
  });
});

describe('IPv6', () => {
  const hop: [number, Buffer] = [0, Buffer.of(0, 1, 4, 0, 0, 0, 0)];
  const routing: [number, Buffer] = [43, Buffer.concat([Buffer.of(2, 2, 0, 0, 0, 0, 0), Buffer.alloc(16)])];
  const destination: [number, Buffer] = [60, Buffer.of(0, 1, 4, 0, 0, 0, 0)];
  const authentication: [number, Buffer] = [51, Buffer.concat([Buffer.of(4, 0, 0), Buffer.alloc(20)])];
  const fragment = (offset: number, more: boolean): [number, Buffer] => [
    44,
    Buffer.of(0, offset >> 8, (offset & 0xf8) | Number(more), 0, 0, 0, 1),
  ];

  test('the chain of extension headers ends in the protocol', () => {
    const packet = decode(ipv6({ ...SIX, protocol: 17 }, udp(7, 8, Buffer.from('x')), [hop, routing, destination, authentication]));
    expect(packet).toMatchObject({ ...SIX, protocol: 17, srcPort: 7, dstPort: 8, fragment: false });
    expect(text(packet.payload)).toBe('x');
  });

  test('addresses are written as RFC 5952 wants them', () => {
    expect(decode(ipv6({ src: 'fe80::1:0:0:1', dst: '2001:db8:0:0:1::', protocol: 59 }, Buffer.alloc(0)))).toMatchObject({
      src: 'fe80::1:0:0:1',
      dst: '2001:db8:0:0:1::',
    });
    const mapped = ipv6({ ...SIX, protocol: 59 }, Buffer.alloc(0));
    Buffer.from('00000000000000000000ffffc0000201', 'hex').copy(mapped, 24);
    expect(decode(mapped).dst).toBe('::ffff:192.0.2.1');
  });

  test('only the first fragment has ports; an atomic one is whole', () => {
    const build = (offset: number, more: boolean) =>
      decode(ipv6({ ...SIX, protocol: 17 }, udp(7, 8, Buffer.alloc(8)), [hop, fragment(offset, more)]));
    expect(build(0, true)).toMatchObject({ fragment: true, protocol: 17, srcPort: 7 });
    expect(build(1024, false)).toMatchObject({ fragment: true, protocol: 17, srcPort: 0 });
    expect(build(0, false)).toMatchObject({ fragment: false, protocol: 17, srcPort: 7 });
  });

  test('a chain cut off has no upper layer', () => {
    const whole = ipv6({ ...SIX, protocol: 17 }, udp(7, 8, Buffer.alloc(8)), [hop, routing]);
    expect(decode(whole.subarray(0, 60))).toMatchObject({ ipVersion: 6, protocol: 43, dstPort: 0 });
  });
});

test('TCP: ports, numbers, flags, payload length', () => {
  const packet = decode(ipv4({ ...A, protocol: 6 }, tcp(80, 50000, 0xfffffffe, 5, 0x12, Buffer.alloc(11))));
  expect(packet).toMatchObject({ srcPort: 80, dstPort: 50000, tcp: { seq: 0xfffffffe, ack: 5, flags: 0x12, payload: 11 } });
});

test('other protocols keep their number and their octets', () => {
  expect(decode(ipv4({ ...A, protocol: 132 }, Buffer.from('sctp')))).toMatchObject({ protocol: 132, srcPort: 0, tcp: null });
  expect(text(decode(ipv4({ ...A, protocol: 1 }, Buffer.from('ping'))).payload)).toBe('ping');
});

test('a snap length cuts the payload, not the lengths', () => {
  const whole = ipv4({ ...A, protocol: 17 }, udp(7, 8, Buffer.alloc(1000, 1)));
  const packet = decodeFrame({ t: 0, linkType: 101, length: whole.length, data: whole.subarray(0, 60) });
  expect(packet.length).toBe(1028);
  expect(packet.payload).toHaveLength(32);
});

test('any octets decode, with every link type, and alike one by one and in bulk', () => {
  const keys = () => new KeyRing([ikeKeys('aes128', 'sha1')], [espKeys('aes128', 'sha1', 1), espKeys('null', 'none', 2)]);
  const start = fc.constantFrom(
    '',
    '45',
    '4500001c00000000401100000a0000010a000002',
    '45000030000000004032',
    '6000000000083c40',
    '600000000008003c',
  );
  const frame = fc.record({
    linkType: fc.constantFrom(0, 1, 12, 101, 108, 113, 228, 229, 276, 65535),
    head: start,
    tail: fc.uint8Array({ maxLength: 200 }),
  });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 10 }), (frames) => {
      const input = frames.map(({ linkType, head, tail }) => {
        const data = Buffer.concat([Buffer.from(head, 'hex'), tail]);
        return { t: 0, linkType, length: data.length, data: new Uint8Array(data) };
      });
      const ring = keys();
      expect(decodeFrames(input, keys())).toEqual(input.map((one) => decodeFrame(one, ring)));
    }),
    { numRuns: 500, seed: 1 },
  );
});
