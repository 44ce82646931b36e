import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Coalescer } from '../../../src/helper/fast/coalesce.ts';
import { Segmenter } from '../../../src/helper/fast/segment.ts';
import { VNET_HEADER } from '../../../src/helper/fast/vnet.ts';
import { checksum } from '../../pcap/build/net.ts';
import { cut, STREAM, type Stream, superSegment, tcpPacket, tcpSum } from './packets.ts';

/** Frames made of packets. */
function coalesced(packets: readonly Uint8Array[]): Buffer[] {
  const frames: Buffer[] = [];
  const coalescer = new Coalescer((memory, at, length) => frames.push(Buffer.from(memory.slice(at, at + length))));
  for (const packet of packets) {
    coalescer.in.set(packet);
    coalescer.add(packet.length);
  }
  coalescer.flush();
  coalescer.flush();
  return frames;
}

/** Packets made of frames again. */
function back(frames: readonly Uint8Array[]): Buffer[] {
  const segmenter = new Segmenter();
  return frames.flatMap((frame) => {
    expect(segmenter.begin(frame, frame.length)).toBeGreaterThan(0);
    const packets: Buffer[] = [];
    for (let octets = segmenter.next(); octets > 0; octets = segmenter.next()) packets.push(Buffer.from(segmenter.out.slice(0, octets)));
    return packets;
  });
}

const mend = (packet: Buffer): Buffer => {
  packet.writeUInt16BE(0, 10);
  packet.writeUInt16BE(checksum(packet.subarray(0, 20)), 10);
  return packet;
};

describe('segments in a row', () => {
  it('become the super-segment they were cut from', () => {
    const payload = new Uint8Array(20_000).map((_, i) => i * 3 + (i >> 7));
    const frames = coalesced(cut({ payload, flags: 0x18 }, 1448));
    expect(frames).toEqual([Buffer.from(superSegment({ payload, flags: 0x18 }, 1448))]);
  });

  it('become as few as fit 64 KiB', () => {
    const payload = new Uint8Array(200_000);
    const frames = coalesced(cut({ payload }, 1448));
    expect(frames).toHaveLength(Math.ceil(200_000 / (45 * 1448)));
    for (const frame of frames) expect(frame.length - VNET_HEADER).toBeLessThanOrEqual(65_535);
  });

  it('end with one that is short, and another row begins', () => {
    const first = cut({ payload: new Uint8Array(2500) }, 1000);
    const second = cut({ seq: STREAM.seq + 2500, identification: STREAM.identification + 3, payload: new Uint8Array(2000) }, 1000);
    expect(coalesced([...first, ...second]).map((frame) => frame.length)).toEqual([62 + 2500, 62 + 2000]);
  });

  it.each<[string, Partial<Stream>]>([
    ['another source', { src: '10.9.0.7' }],
    ['another destination', { dst: '10.9.0.7' }],
    ['a gap', { seq: STREAM.seq + 1001 }],
    ['an overlap', { seq: STREAM.seq + 999 }],
    ['another acknowledgment number', { ack: STREAM.ack + 1 }],
    ['another window', { window: 501 }],
    ['another type of service', { tos: 0x10 }],
    ['congestion experienced', { tos: 3 }],
    ['another identification', { identification: STREAM.identification + 2 }],
    ['other options', { options: Uint8Array.of(1, 1, 8, 10, 0, 0, 0, 10, 0, 0, 0, 8) }],
    ['more options', { options: new Uint8Array(16).fill(1) }],
    ['a longer payload', { payload: new Uint8Array(1001) }],
    ['no payload', { payload: new Uint8Array(0) }],
    ['ECE', { flags: 0x50 }],
    ['CWR', { flags: 0x90 }],
    ['URG', { flags: 0x30 }],
    ['RST', { flags: 0x14 }],
    ['SYN', { flags: 0x12 }],
    ['no ACK', { flags: 0x00 }],
  ])('are not joined by one with %s', (_, difference) => {
    const second = { seq: STREAM.seq + 1000, identification: STREAM.identification + 1, ...difference };
    const packets = [tcpPacket(), tcpPacket(second)];
    const frames = coalesced(packets);
    expect(frames).toHaveLength(2);
    expect(back(frames)).toEqual(packets);
  });

  it.each<[string, (packet: Buffer) => unknown]>([
    ['a wrong checksum of TCP', (packet) => packet.writeUInt8(packet[60]! ^ 1, 60)],
    ['a wrong checksum of IP', (packet) => packet.writeUInt8(packet[10]! ^ 1, 10)],
    ['another TTL', (packet) => mend(packet.fill(63, 8, 9))],
    ['no Don’t Fragment', (packet) => mend(packet.fill(0, 6, 7))],
    ['a fragment', (packet) => mend(packet.fill(0x20, 6, 7))],
    ['another protocol', (packet) => mend(packet.fill(17, 9, 10))],
    ['a total length that is not its own', (packet) => mend(packet.fill(1, 2, 3))],
    ['an urgent pointer', (packet) => packet.fill(1, 38, 40).writeUInt16BE(tcpSum(packet, 20), 36)],
  ])('are not joined by one with %s', (_, spoil) => {
    const packets = [tcpPacket(), tcpPacket({ seq: STREAM.seq + 1000, identification: STREAM.identification + 1 })];
    spoil(packets[1]!);
    const frames = coalesced(packets);
    expect(frames).toHaveLength(2);
    expect(frames.map((frame) => frame.subarray(VNET_HEADER))).toEqual(packets);
    // what was not looked at is for the kernel to check
    for (const frame of frames) expect([...frame.subarray(0, VNET_HEADER)]).toEqual(Array(VNET_HEADER).fill(0));
  });

  it('are not joined when they acknowledge nothing', () => {
    expect(coalesced(cut({ payload: new Uint8Array(2000), flags: 0 }, 1000))).toHaveLength(2);
  });

  it.each([0x18, 0x11])('end with flags %i, which wait for nothing', (flags) => {
    const frames: number[] = [];
    const coalescer = new Coalescer((_, __, length) => frames.push(length));
    for (const packet of cut({ payload: new Uint8Array(2000), flags }, 1000)) {
      coalescer.in.set(packet);
      coalescer.add(packet.length);
    }
    expect(frames).toEqual([62 + 2000]);
  });
});

it('segmentation gives back what was coalesced, packet by packet and in order', () => {
  const piece = fc.record({
    length: fc.integer({ min: 0, max: 6000 }),
    size: fc.constantFrom(500, 1000, 1001),
    flags: fc.constantFrom(0x10, 0x18, 0x11, 0x90, 0x12),
    flow: fc.integer({ min: 0, max: 2 }),
    skip: fc.constantFrom(0, 0, 0, 1),
  });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const at = [0xffff_f000, 5, 0x7fff_fff0].map((seq) => ({ seq, identification: seq & 0xffff }));
      const packets = pieces.flatMap(({ length, size, flags, flow, skip }) => {
        const state = at[flow]!;
        const payload = new Uint8Array(length).map((_, i) => i * 11 + flow);
        const made = cut({ src: `10.9.0.${flow + 1}`, seq: state.seq + skip, identification: state.identification, flags, payload }, size);
        state.seq = (state.seq + skip + length) >>> 0;
        state.identification += made.length;
        return made;
      });
      const frames = coalesced(packets);
      expect(back(frames)).toEqual(packets);
    }),
    { numRuns: 50 },
  );
});

it('takes any octets without an exception, and hands them over as they are', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), { maxLength: 5 }), fc.boolean(), (packets, isTcp) => {
      if (isTcp) for (const packet of packets) if (packet.length > 10) packet.set([0x45, 0, 0, packet.length, 0, 0, 0, 0, 64, 6]);
      const frames = coalesced(packets);
      expect(frames.map((frame) => Buffer.from(frame.subarray(VNET_HEADER)))).toEqual(packets.map((packet) => Buffer.from(packet)));
    }),
  );
});

it('ignores lengths no packet has', () => {
  const coalescer = new Coalescer(() => expect.unreachable());
  for (const length of [0, -1, 65_536, 1e9]) coalescer.add(length);
  coalescer.flush();
});
