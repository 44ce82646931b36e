import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, decodeFrames, formatEspTable, KeyRing, readPackets } from '../../src/pcap/index.ts';
import { crc32c } from '../../src/pcap/sctp/crc32c.ts';
import type { Packet } from '../../src/types/packet.ts';
import type { SctpChunk, SctpContent, SctpInfo } from '../../src/types/sctp.ts';
import { pcapFile } from './build/files.ts';
import { esp, espKeys, octets } from './build/ipsec.ts';
import { ethernet, ipv4, ipv6 } from './build/net.ts';
import {
  ADD,
  asconf,
  asconfAck,
  at,
  chunk,
  DELETE,
  data,
  everything,
  init,
  refused,
  request,
  SET_PRIMARY,
  sack,
  sctp,
  slowCrc32c,
  success,
  tlv,
  u16,
  u32,
} from './build/sctp.ts';
import { scratch } from './build/tmp.ts';
import { ourRows, theirRows } from './sctp-fields.ts';

const A = { src: '10.0.1.1', dst: '10.0.2.1', protocol: 132 };
const SIX = { src: '2001:db8::1', dst: '2001:db8::2', protocol: 132 };
const TAG = 0xcafe0001;
const raw = (bytes: Buffer, length = bytes.length): Packet => decodeFrame({ t: 0, linkType: 101, length, data: bytes });
const decode = (...chunks: Uint8Array[]): SctpInfo => raw(ipv4(A, sctp(40000, 40001, TAG, chunks))).sctp!;
const one = (bytes: Uint8Array): SctpChunk => {
  const { chunks } = decode(bytes);
  expect(chunks).toHaveLength(1);
  return chunks[0]!;
};
const content = (bytes: Uint8Array): SctpContent | null => {
  const { content, malformed } = one(bytes);
  expect(malformed).toBeNull();
  return content;
};

describe('CRC32c', () => {
  // RFC 3720 appendix B.4 has the last four
  test.each([
    ['123456789', Buffer.from('123456789'), 0xe3069283],
    ['nothing', Buffer.alloc(0), 0],
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones', Buffer.alloc(32, 255), 0x62a8ab43],
    ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
    ['31 to 0', Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c],
  ])('of %s', (_what, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  test('of every length and alignment as one bit at a time', () => {
    const bytes = octets('crc', 80);
    for (let start = 0; start < 9; start++) {
      for (let end = start; end <= bytes.length; end++) expect(crc32c(bytes, start, end)).toBe(slowCrc32c(bytes.subarray(start, end)));
    }
  });

  test('right, wrong in any bit, not told when it is 0 or octets are missing', () => {
    const bytes = sctp(40000, 40001, TAG, [data(1, 2, 3, Buffer.from('data'))]);
    expect(raw(ipv4(A, bytes)).sctp!.checksum).toBe(true);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const broken = Buffer.from(bytes);
      broken[bit >> 3]! ^= 1 << (bit & 7);
      expect(raw(ipv4(A, broken)).sctp!.checksum, `bit ${bit}`).toBe(false);
    }
    expect(raw(ipv4(A, sctp(40000, 40001, TAG, [], 0))).sctp).toEqual({ tag: TAG, checksum: null, chunks: [] });
    const whole = ipv4(A, bytes);
    expect(raw(whole.subarray(0, -1), whole.length).sctp!.checksum).toBeNull();
    // cut where a chunk ends: nothing but IP's length tells
    const two = ipv4(A, sctp(40000, 40001, TAG, [sack(1), sack(2)]));
    const cut = raw(two.subarray(0, -16)).sctp!;
    expect([cut.checksum, cut.chunks.length, cut.chunks[0]!.malformed]).toEqual([null, 1, null]);
    const six = ipv6(SIX, bytes);
    expect([raw(six).sctp!.checksum, raw(six.subarray(0, -4)).sctp!.checksum]).toEqual([true, null]);
    expect(raw(ipv4({ ...A, moreFragments: true }, bytes)).sctp!.checksum).toBeNull();
    // the length was left to the card: what follows may be padding
    whole.writeUInt16BE(0, 2);
    expect(raw(whole).sctp!.checksum).toBeNull();
  });
});

describe('a packet', () => {
  test('ports, tag, octets and chunks in order', () => {
    const bytes = sctp(1, 0xffff, 0xfffffffe, [sack(1), chunk(11, 0x80, Buffer.alloc(0)), chunk(77, 5, Buffer.alloc(3))]);
    const packet = raw(Buffer.concat([ipv4(A, bytes), Buffer.alloc(9)]));
    expect(packet).toMatchObject({ protocol: 132, srcPort: 1, dstPort: 0xffff, tcp: null, sctp: { tag: 0xfffffffe, checksum: true } });
    expect(Buffer.from(packet.payload)).toEqual(bytes);
    expect(packet.sctp!.chunks.map(({ type, name, flags, length, malformed }) => [type, name, flags, length, malformed])).toEqual([
      [3, 'SACK', 0, 16, null],
      [11, 'COOKIE-ACK', 0x80, 4, null],
      [77, '77', 5, 7, null],
    ]);
  });

  test('only in packets of SCTP, only in their first fragment', () => {
    const bytes = sctp(1, 2, 3, [sack(1)]);
    expect(raw(ipv4({ ...A, protocol: 133 }, bytes))).toMatchObject({ sctp: null, srcPort: 0 });
    expect(raw(ipv4({ ...A, fragmentOffset: 8 }, bytes))).toMatchObject({ sctp: null, srcPort: 0 });
    expect(raw(ipv4(A, bytes.subarray(0, 11)))).toMatchObject({ sctp: null, srcPort: 0 });
  });

  test('of thousands of chunks keeps some hundred', () => {
    const { chunks } = decode(...Array.from({ length: 10_000 }, () => chunk(11, 0, Buffer.alloc(0))));
    expect(chunks).toHaveLength(513);
    expect(chunks.map(({ malformed }) => malformed)).toEqual([...Array<null>(512).fill(null), 'too many chunks']);
  });
});

describe('chunks', () => {
  test.each([1, 2] as const)('INIT and INIT-ACK (%i)', (type) => {
    const parameters = [
      at('10.0.3.1'),
      at('2001:db8::5'),
      tlv(0x8008, Buffer.of(193, 128, 192)),
      tlv(0xc000),
      tlv(0x4321, Buffer.alloc(5)),
    ];
    expect(one(init(type, 0xfedcba98, 0xffffffff, parameters))).toEqual({
      type,
      name: type === 1 ? 'INIT' : 'INIT-ACK',
      flags: 0,
      length: 20 + 8 + 20 + 8 + 4 + 12,
      malformed: null,
      content: {
        kind: 'init',
        initiateTag: 0xfedcba98,
        rwnd: 0x1a000,
        outboundStreams: 10,
        inboundStreams: 2048,
        tsn: 0xffffffff,
        addresses: ['10.0.3.1', '2001:db8::5'],
        extensions: [193, 128, 192],
        parameters: [
          { type: 5, name: 'IPv4 Address', length: 8 },
          { type: 6, name: 'IPv6 Address', length: 20 },
          { type: 0x8008, name: 'Supported Extensions', length: 7 },
          { type: 0xc000, name: 'Forward TSN Supported', length: 4 },
          { type: 0x4321, name: '17185', length: 9 },
        ],
      },
    });
  });

  test.each([
    [0, false, false, false],
    [1, false, true, false],
    [2, true, false, false],
    [7, true, true, true],
  ])('DATA with flags %i', (flags, begin, end, unordered) => {
    const payload = Buffer.from('hello');
    expect(content(data(0xfffffffd, 4, 0xfffe, payload, flags, 0x8000_0001))).toEqual({
      ...{ kind: 'data', tsn: 0xfffffffd, stream: 4, ssn: 0xfffe, ppid: 0x80000001, begin, end, unordered },
      ...{ octets: 5, payload },
    });
  });

  test('DATA cut by a snap length keeps its numbers', () => {
    const whole = ipv4(A, sctp(40000, 40001, TAG, [sack(5), data(6, 1, 2, Buffer.alloc(1000, 7)), sack(6)]));
    const seen = raw(whole.subarray(0, 20 + 12 + 16 + 16 + 10), whole.length).sctp!;
    expect(seen.checksum).toBeNull();
    expect(seen.chunks).toMatchObject([
      { name: 'SACK', malformed: null },
      { name: 'DATA', length: 1016, malformed: 'cut off', content: { tsn: 6, octets: 1000, payload: Buffer.alloc(10, 7) } },
    ]);
    expect(raw(whole.subarray(0, 20 + 12 + 16 + 15), whole.length).sctp!.chunks[1]).toMatchObject({ length: 1016, content: null });
  });

  test('SACK', () => {
    const gaps: [number, number][] = [
      [2, 3],
      [5, 0xffff],
    ];
    expect(content(sack(0xffffffff, gaps, [9, 0xfffffff0]))).toEqual({
      kind: 'sack',
      cumulativeTsn: 0xffffffff,
      rwnd: 0x1a000,
      gaps: [
        { start: 2, end: 3 },
        { start: 5, end: 0xffff },
      ],
      duplicates: [9, 0xfffffff0],
    });
    expect(content(sack(1))).toMatchObject({ gaps: [], duplicates: [] });
  });

  test.each([4, 5])('HEARTBEAT and HEARTBEAT-ACK (%i)', (type) => {
    expect(content(chunk(type, 0, tlv(1, Buffer.alloc(13))))).toEqual({ kind: 'heartbeat', octets: 13 });
  });

  test.each([6, 9])('ABORT and ERROR (%i)', (type) => {
    const causes = Buffer.concat([tlv(12, Buffer.from('bye')), tlv(162, at('10.0.1.1')), tlv(999)]);
    expect(content(chunk(type, 1, causes))).toEqual({
      kind: 'errors',
      causes: [
        { code: 12, name: 'User-Initiated Abort', length: 7 },
        { code: 162, name: 'Request to Delete Source IP Address', length: 12 },
        { code: 999, name: '999', length: 4 },
      ],
    });
    expect(content(chunk(type, 0, Buffer.alloc(0)))).toEqual({ kind: 'errors', causes: [] });
  });

  test('SHUTDOWN, COOKIE-ECHO, FORWARD-TSN', () => {
    expect(content(chunk(7, 0, u32(0xfffffff0)))).toEqual({ kind: 'shutdown', cumulativeTsn: 0xfffffff0 });
    expect(content(chunk(10, 0, Buffer.alloc(33)))).toEqual({ kind: 'cookie', octets: 33 });
    expect(content(chunk(192, 0, Buffer.concat([u32(0xfffffff1), u16(1, 2, 3, 4)])))).toEqual({
      kind: 'forward-tsn',
      tsn: 0xfffffff1,
      streams: [
        { stream: 1, ssn: 2 },
        { stream: 3, ssn: 4 },
      ],
    });
  });

  test('ASCONF: addresses that come, go and become primary', () => {
    const requests = [
      request(ADD, 1, '10.0.9.1'),
      request(DELETE, 2, '::'),
      request(SET_PRIMARY, 0xffffffff, '2001:db8::9'),
      tlv(0xc0de, u32(4)),
    ];
    expect(content(asconf(0xfffffffe, '10.0.1.1', requests))).toEqual({
      kind: 'asconf',
      serial: 0xfffffffe,
      address: '10.0.1.1',
      requests: [
        { type: ADD, name: 'Add IP Address', correlation: 1, address: '10.0.9.1' },
        { type: DELETE, name: 'Delete IP Address', correlation: 2, address: '::' },
        { type: SET_PRIMARY, name: 'Set Primary IP Address', correlation: 0xffffffff, address: '2001:db8::9' },
        { type: 0xc0de, name: '49374', correlation: 4, address: null },
      ],
    });
  });

  test('ASCONF-ACK: what was done and what was refused', () => {
    expect(content(asconfAck(7, [success(1), refused(2, [tlv(160, request(DELETE, 2, '10.0.1.1')), tlv(164)])]))).toEqual({
      kind: 'asconf-ack',
      serial: 7,
      responses: [
        { type: 0xc005, name: 'Success Indication', correlation: 1, success: true, causes: [] },
        {
          type: 0xc003,
          name: 'Error Cause Indication',
          correlation: 2,
          success: false,
          causes: [
            { code: 160, name: 'Request to Delete Last Remaining IP Address', length: 20 },
            { code: 164, name: 'Request Refused - No Authorization', length: 4 },
          ],
        },
      ],
    });
    expect(content(asconfAck(8, []))).toEqual({ kind: 'asconf-ack', serial: 8, responses: [] });
  });

  test.each([
    [64, 'I-DATA'],
    [132, 'PAD'],
    [15, 'AUTH'],
    [130, 'RE-CONFIG'],
    [8, 'SHUTDOWN-ACK'],
    [14, 'SHUTDOWN-COMPLETE'],
  ])('%i is %s, by name only', (type, name) => {
    expect(one(chunk(type, 1, Buffer.alloc(20)))).toEqual({ type, name, flags: 1, length: 24, content: null, malformed: null });
  });
});

describe('malformed chunks are kept with a reason and end the walk', () => {
  const add = (value: Uint8Array) => asconf(1, '10.0.1.1', [tlv(ADD, value)]);
  test.each<[string, Uint8Array]>([
    ['length below 4', chunk(3, 0, Buffer.alloc(12), 3)],
    ['length below 4', chunk(3, 0, Buffer.alloc(12), 0)],
    ['longer than the packet', chunk(77, 0, Buffer.alloc(12), 0xffff)],
    ['too short for DATA', chunk(0, 3, Buffer.alloc(8))],
    ['too short for INIT', chunk(1, 0, Buffer.alloc(12))],
    ['parameter header cut off', chunk(1, 0, Buffer.alloc(18))],
    ['parameter length below 4', init(1, 1, 1, [tlv(5, Buffer.alloc(4), 3)])],
    ['parameter length below 4', init(2, 1, 1, [tlv(5, Buffer.alloc(4), 0)])],
    ['parameter longer than what it is in', init(1, 1, 1, [tlv(5, Buffer.alloc(4), 9)])],
    ['address of a wrong length', init(1, 1, 1, [tlv(5, Buffer.alloc(16))])],
    ['address of a wrong length', init(1, 1, 1, [tlv(6, Buffer.alloc(4))])],
    ['too short for SACK', chunk(3, 0, Buffer.alloc(8))],
    ['more gap blocks and duplicates than octets', chunk(3, 0, Buffer.concat([u32(1, 2), u16(0xffff, 0xffff), u32(1)]))],
    ['more gap blocks and duplicates than octets', chunk(3, 0, Buffer.concat([u32(1, 2), u16(1, 1), u32(1)]))],
    ['no heartbeat information', chunk(4, 0, Buffer.alloc(0))],
    ['no heartbeat information', chunk(5, 0, tlv(2))],
    ['parameter longer than what it is in', chunk(6, 0, tlv(12, Buffer.alloc(4), 12))],
    ['too short for SHUTDOWN', chunk(7, 0, Buffer.alloc(0))],
    ['too short for FORWARD-TSN', chunk(192, 0, Buffer.alloc(3))],
    ['half a stream', chunk(192, 0, Buffer.alloc(6))],
    ['too short for ASCONF', chunk(193, 0, Buffer.alloc(3))],
    ['no address in front of the requests', chunk(193, 0, u32(1))],
    ['no address in front of the requests', chunk(193, 0, Buffer.concat([u32(1), request(ADD, 1, '10.0.0.1')]))],
    ['request without correlation ID', add(Buffer.alloc(0))],
    ['request without address', add(u32(1))],
    ['request without address', add(Buffer.concat([u32(1), tlv(7, Buffer.alloc(4))]))],
    ['request without address', add(Buffer.concat([u32(1), tlv(5, Buffer.alloc(4), 9)]))],
    ['request without address', add(Buffer.concat([u32(1), at('10.0.0.1'), at('10.0.0.2')]))],
    ['too short for ASCONF-ACK', chunk(128, 0, Buffer.alloc(0))],
    ['response without correlation ID', asconfAck(1, [tlv(0xc005)])],
    ['parameter longer than what it is in', asconfAck(1, [refused(1, [tlv(160, Buffer.alloc(0), 5)])])],
  ])('%s (%#)', (reason, bytes) => {
    const { chunks } = decode(sack(1), bytes, sack(2));
    expect(chunks).toMatchObject([
      { name: 'SACK', malformed: null },
      { type: bytes[0], length: Buffer.from(bytes).readUInt16BE(2), content: null, malformed: reason },
    ]);
  });

  test('a header cut off', () => {
    expect(decode(sack(1), Buffer.of(3, 0, 0)).chunks[1]).toMatchObject({ name: 'SACK', length: 0, malformed: 'header cut off' });
  });

  test('the padding of the last chunk and of the last parameter may be missing', () => {
    const bytes = data(1, 2, 3, Buffer.from('hello')).subarray(0, -3);
    expect(one(bytes)).toMatchObject({ malformed: null, content: { octets: 5 } });
    const extensions = tlv(0x8008, Buffer.of(193)).subarray(0, -3);
    expect(one(init(1, 1, 1, [extensions]))).toMatchObject({ malformed: null, content: { extensions: [193] } });
  });
});

/** What holds for whatever octets. */
function checkShape({ chunks }: SctpInfo, octets: number): void {
  expect(chunks.length).toBeLessThanOrEqual(513);
  for (const [i, { name, length, content, malformed }] of chunks.entries()) {
    expect(name).not.toBe('');
    if (malformed !== null) {
      expect(i).toBe(chunks.length - 1);
      if (content !== null) expect([content.kind, malformed]).toEqual(['data', 'cut off']);
    } else expect(length).toBeLessThanOrEqual(octets);
  }
}

const rich = sctp(40000, 40001, TAG, [
  init(1, 1, 2, [at('10.0.1.1'), at('2001:db8::5'), tlv(0x8008, Buffer.of(193, 128, 192))]),
  sack(1, [[2, 3]], [4]),
  chunk(4, 0, tlv(1, Buffer.alloc(13))),
  asconf(7, '10.0.1.1', [request(ADD, 1, '10.0.9.1'), request(DELETE, 2, '2001:db8::7')]),
  asconfAck(7, [success(1), refused(2, [tlv(160, request(DELETE, 2, '10.0.1.1')), tlv(164)])]),
  chunk(192, 0, Buffer.concat([u32(5), u16(1, 2)])),
  chunk(9, 0, Buffer.concat([tlv(1, u32(1)), tlv(12, Buffer.from('bye'))])),
  chunk(132, 0, Buffer.alloc(5)),
  data(6, 1, 2, Buffer.from('hello')),
]);

test('every truncation, by the capture and by the sender', () => {
  const { chunks } = raw(ipv4(A, rich)).sctp!;
  expect(chunks.every(({ malformed }) => malformed === null)).toBe(true);
  const whole = ipv4(A, rich);
  for (let size = 0; size < rich.length; size++) {
    for (const seen of [raw(whole.subarray(0, 20 + size), whole.length).sctp, raw(ipv4(A, rich.subarray(0, size))).sctp]) {
      if (size < 12) {
        expect(seen).toBeNull();
        continue;
      }
      expect(seen!.checksum).not.toBe(true);
      checkShape(seen!, size);
      // what was there before the cut is read as in the whole packet
      const read = seen!.chunks.filter(({ malformed }) => malformed === null);
      expect(read).toEqual(chunks.slice(0, read.length));
      expect(seen!.chunks.length - read.length).toBeLessThanOrEqual(1);
    }
  }
});

test('any mutation decodes', () => {
  const seeds = [rich, ...everything()];
  const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const change = fc.record({ position, octet: fc.oneof(fc.constantFrom(0, 1, 3, 4, 5, 255), fc.nat(255)) });
  fc.assert(
    fc.property(fc.nat(seeds.length - 1), fc.array(change, { minLength: 1, maxLength: 6 }), fc.boolean(), (seed, changes, whole) => {
      const bytes = Buffer.from(seeds[seed]!);
      for (const { position, octet } of changes) bytes[Math.floor(position * bytes.length)] = octet;
      const packet = ipv4(A, bytes);
      if (!whole) packet.writeUInt16BE(60_000, 2);
      checkShape(raw(packet).sctp!, bytes.length);
    }),
    { numRuns: 5000 },
  );
});

test('any octets after the header decode', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 1, 2, 3, 4, 6, 128, 192, 193), fc.uint8Array({ maxLength: 300 }), (type, value) => {
      const bytes = sctp(1, 2, 3, [chunk(type, 0, value)]);
      checkShape(raw(ipv4(A, bytes)).sctp!, bytes.length);
    }),
    { numRuns: 3000 },
  );
});

describe('inside ESP', () => {
  const keys = [espKeys('aes128', 'sha256', 0xc1), espKeys('aes128gcm16', 'none', 0xc2)];
  const ring = () => new KeyRing([], keys);

  test.each(keys)('tunnel and transport mode, $encr: the same chunks as in the clear', (sa) => {
    const packets = everything();
    const clear = packets.map((bytes) => raw(ipv4({ ...A, src: '10.9.0.1', dst: '10.8.0.1' }, bytes)));
    const modes = [
      packets.map((bytes, i) => esp(sa, i, 4, ipv4({ ...A, src: '10.9.0.1', dst: '10.8.0.1' }, bytes), { tfc: i })),
      packets.map((bytes, i) => esp(sa, i, 132, bytes)),
    ];
    for (const sealed of modes) {
      const frames = sealed
        .map((bytes) => ipv4({ ...A, protocol: 50 }, bytes))
        .map((b) => ({ t: 0, linkType: 101, length: b.length, data: b }));
      const inner = decodeFrames(frames, ring()).map((packet) => packet.esp!.inner!);
      expect(inner.map(({ sctp }) => sctp)).toEqual(clear.map(({ sctp }) => sctp));
      expect(inner.map(({ srcPort }) => srcPort)).toEqual(clear.map(({ srcPort }) => srcPort));
    }
  });
});

const missing = spawnSync('tshark', ['--version']).error !== undefined;

describe.skipIf(missing)(missing ? 'tshark agrees (skipped: tshark is not installed)' : 'tshark agrees', () => {
  const file = scratch();
  const sa = espKeys('aes256', 'sha256', 0xc7);
  const modes: [string, (bytes: Buffer, i: number) => Buffer][] = [
    ['in IPv4', (bytes) => ipv4(A, bytes)],
    ['in IPv6', (bytes) => ipv6(SIX, bytes)],
    ['in ESP, tunnel mode', (bytes, i) => ipv4({ ...A, protocol: 50 }, esp(sa, i + 1, 4, ipv4({ ...A, src: '10.9.0.1' }, bytes)))],
    ['in ESP, transport mode', (bytes, i) => ipv4({ ...A, protocol: 50 }, esp(sa, i + 1, 132, bytes))],
  ];
  test.each(modes)('on all chunk types %s', async (_mode, wrap) => {
    const records = everything().map((bytes, i) => ({ seconds: 1_700_000_000 + i, fraction: 0, data: ethernet(wrap(bytes, i)) }));
    const path = file('sctp.pcap', pcapFile(records));
    const { packets } = await readPackets(path, { keys: new KeyRing([], [sa]) });
    const ours = ourRows(packets);
    expect(ours).toEqual(theirRows(path, formatEspTable([sa]).split('\n').filter(Boolean)));
    expect(ours).toHaveLength(records.length);
  });
});
