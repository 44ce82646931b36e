import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Segmenter } from '../../../src/helper/fast/segment.ts';
import { checksum, ipv4 } from '../../pcap/build/net.ts';
import { cut, STREAM, superSegment, tcpPacket } from './packets.ts';

function all(frame: Uint8Array, length = frame.length): Buffer[] | null {
  const segmenter = new Segmenter();
  const count = segmenter.begin(frame, length);
  if (count < 0) return null;
  const packets: Buffer[] = [];
  for (let octets = segmenter.next(); octets > 0; octets = segmenter.next()) packets.push(Buffer.from(segmenter.out.slice(0, octets)));
  expect(packets).toHaveLength(count);
  return packets;
}

describe('a super-segment', () => {
  it.each([
    ['even', 5000, 1000],
    ['with a short last one', 5001, 1000],
    ['of one segment', 1000, 1000],
    ['shorter than the segment size', 999, 1000],
    ['of odd segments', 4000, 333],
    ['of single octets', 300, 1],
    ['as large as there is', 65_535 - 52, 1448],
  ])('%s is cut as TCP would have sent it', (_, length, size) => {
    const payload = new Uint8Array(length).map((_, i) => i * 13 + (i >> 8));
    expect(all(superSegment({ payload, flags: 0x19 }, size))).toEqual(cut({ payload, flags: 0x19 }, size));
  });

  it('of any stream is cut as TCP would have sent it', () => {
    const streams = fc.record({
      seq: fc.integer({ min: 0, max: 0xffff_ffff }),
      ack: fc.integer({ min: 0, max: 0xffff_ffff }),
      flags: fc.integer({ min: 0, max: 0xff }),
      identification: fc.integer({ min: 0, max: 0xffff }),
      tos: fc.integer({ min: 0, max: 0xff }),
      window: fc.integer({ min: 0, max: 0xffff }),
      options: fc.integer({ min: 0, max: 10 }).chain((words) => fc.uint8Array({ minLength: words * 4, maxLength: words * 4 })),
      payload: fc.uint8Array({ minLength: 1, maxLength: 9000 }),
    });
    fc.assert(
      fc.property(streams, fc.integer({ min: 100, max: 2000 }), (stream, size) => {
        expect(all(superSegment(stream, size))).toEqual(cut(stream, size));
      }),
    );
  });

  it('with a CWR has it in the first segment only', () => {
    const packets = all(superSegment({ flags: 0x90 }, 400, 0x81))!;
    expect(packets.map((packet) => packet[33]! & 0x80)).toEqual([0x80, 0, 0]);
  });

  it.each<[string, (frame: Uint8Array) => void]>([
    ['a segment size of 0', (frame) => frame.fill(0, 4, 6)],
    ['a total length that is not its own', (frame) => frame.set([0, 61], 12)],
    ['a TCP header that reaches behind its end', (frame) => frame.set([0xf0], 42)],
    ['a TCP header of 16 octets', (frame) => frame.set([0x40], 42)],
    ['a fragment', (frame) => frame.set([0x20, 0], 16)],
    ['an IPv6 packet', (frame) => frame.set([0x60], 10)],
    ['an IPv4 header of 16 octets', (frame) => frame.set([0x44], 10)],
    ['UDP', (frame) => frame.set([17], 19)],
    ['a GSO type nobody asked for', (frame) => frame.set([5], 1)],
  ])('is refused: %s', (_, spoil) => {
    const frame = superSegment({ payload: new Uint8Array(8) }, 4);
    spoil(frame);
    expect(all(frame)).toBeNull();
  });
});

describe('any other packet', () => {
  const frameOf = (vnet: number[], packet: Uint8Array) => new Uint8Array(Buffer.concat([Buffer.from(vnet), packet]));

  it('goes through as it is', () => {
    const packet = tcpPacket();
    expect(all(frameOf([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], packet))).toEqual([packet]);
  });

  it.each([8, 9, 501])('gets the checksum it lacks (%i octets of UDP)', (length) => {
    const udp = Buffer.alloc(length, 3);
    udp.writeUInt16BE(length, 4);
    const pseudo = Buffer.concat([Buffer.from([10, 9, 0, 1, 10, 9, 0, 2, 0, 17, length >> 8, length & 255])]);
    udp.writeUInt16BE(0, 6);
    const expected = checksum(Buffer.concat([pseudo, udp]));
    udp.writeUInt16BE(~checksum(pseudo) & 0xffff, 6);
    const packet = ipv4({ src: '10.9.0.1', dst: '10.9.0.2', protocol: 17 }, udp);
    const [made] = all(frameOf([1, 0, 0, 0, 0, 0, 20, 0, 6, 0], packet))!;
    expect(made!.readUInt16BE(26)).toBe(expected);
    packet.writeUInt16BE(expected, 26);
    expect(made).toEqual(packet);
  });

  it('has no UDP checksum of 0, which would say that there is none', () => {
    const udp = Buffer.from([0, 0, 0, 0, 0, 8, 0xff, 0xff]);
    udp.writeUInt16BE(~8 & 0xffff, 6); // the rest sums up to the inverse
    const [made] = all(frameOf([1, 0, 0, 0, 0, 0, 20, 0, 6, 0], ipv4({ src: '10.9.0.1', dst: '10.9.0.2', protocol: 17 }, udp)))!;
    expect(made!.readUInt16BE(26)).toBe(0xffff);
  });

  it('is refused when its checksum is to be behind its end', () => {
    for (const start of [20, 0xfffc, 18]) {
      const vnet = [1, 0, 0, 0, 0, 0, start & 255, start >> 8, 16, 0];
      const packet = tcpPacket({ payload: new Uint8Array(0), options: new Uint8Array(0) });
      expect(all(frameOf(vnet, packet)) === null).toBe(start !== 20);
      expect(all(frameOf(vnet, packet.subarray(0, 36)))).toBeNull();
    }
  });
});

it('takes any octets without an exception, and makes no more of them than there are', () => {
  const segmenter = new Segmenter();
  const header = fc.constantFrom([1, 1], [0, 0], [1, 0], [0xff, 0x81], [1, 5]);
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 300 }), fc.nat(400), fc.boolean(), (begin, rest, length, isTcp) => {
      const frame = Uint8Array.of(...begin, ...rest);
      if (isTcp && frame.length > 20) frame.set([0x45, 0, (frame.length - 10) >> 8, frame.length - 10, 0, 0, 0, 0, 64, 6], 10);
      const count = segmenter.begin(frame, length);
      let packets = 0;
      for (let octets = segmenter.next(); octets > 0; octets = segmenter.next()) {
        packets += 1;
        expect(octets).toBeLessThanOrEqual(frame.length - 10);
      }
      expect(packets).toBe(Math.max(0, count));
    }),
    { numRuns: 2000 },
  );
});

it('makes each packet of its frame only', () => {
  const segmenter = new Segmenter();
  segmenter.begin(superSegment({ payload: new Uint8Array(3000).fill(255) }, 1000), 3062);
  segmenter.next();
  const payload = Uint8Array.of(1, 2, 3);
  const frame = superSegment({ payload }, 1000);
  expect(segmenter.begin(frame, frame.length)).toBe(1);
  const octets = segmenter.next();
  expect(Buffer.from(segmenter.out.slice(0, octets))).toEqual(tcpPacket({ ...STREAM, payload }));
});
