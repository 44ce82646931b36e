/** Builds SCTP packets chunk by chunk (RFC 9260), with a CRC computed bit by bit, not by the tables under test. */
import { address } from './net.ts';

export const u16 = (...values: number[]) => Buffer.concat(values.map((value) => Buffer.of((value >> 8) & 255, value & 255)));
export const u32 = (...values: number[]) => {
  const b = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) b.writeUInt32BE(value >>> 0, 4 * i);
  return b;
};
const padded = (data: Uint8Array) => Buffer.concat([data, Buffer.alloc(-data.length & 3)]);

/** CRC32c one bit at a time. */
export function slowCrc32c(data: Uint8Array): number {
  let register = 0xffffffff;
  for (const octet of data) {
    register ^= octet;
    for (let bit = 0; bit < 8; bit++) register = (register >>> 1) ^ (register & 1 ? 0x82f63b78 : 0);
  }
  return ~register >>> 0;
}

/** `checksum` instead of the right one. */
export function sctp(srcPort: number, dstPort: number, tag: number, chunks: Uint8Array[], checksum?: number): Buffer {
  const packet = Buffer.concat([u16(srcPort, dstPort), u32(tag, 0), ...chunks]);
  packet.writeUInt32LE(checksum ?? slowCrc32c(packet), 8);
  return packet;
}

/** `length` instead of the right one. */
export const chunk = (type: number, flags: number, value: Uint8Array, length = 4 + value.length) =>
  padded(Buffer.concat([Buffer.of(type, flags), u16(length), value]));

/** A parameter or an error cause. */
export const tlv = (type: number, value: Uint8Array = Buffer.alloc(0), length = 4 + value.length) =>
  padded(Buffer.concat([u16(type, length), value]));

export const at = (text: string) => {
  const octets = address(text);
  return tlv(octets.length === 4 ? 5 : 6, octets);
};

export const init = (type: 1 | 2, tag: number, tsn: number, parameters: Uint8Array[]) =>
  chunk(type, 0, Buffer.concat([u32(tag, 0x1a000), u16(10, 2048), u32(tsn), ...parameters]));

export const BEGIN_END = 3;

export const data = (tsn: number, stream: number, ssn: number, payload: Uint8Array, flags = BEGIN_END, ppid = 0) =>
  chunk(0, flags, Buffer.concat([u32(tsn), u16(stream, ssn), u32(ppid), payload]));

export const sack = (tsn: number, gaps: [number, number][] = [], duplicates: number[] = []) =>
  chunk(
    3,
    0,
    Buffer.concat([u32(tsn, 0x1a000), u16(gaps.length, duplicates.length), ...gaps.map((gap) => u16(...gap)), u32(...duplicates)]),
  );

export const ADD = 0xc001;
export const DELETE = 0xc002;
export const SET_PRIMARY = 0xc004;

export const request = (type: number, correlation: number, about: string) => tlv(type, Buffer.concat([u32(correlation), at(about)]));

export const asconf = (serial: number, from: string, requests: Uint8Array[]) =>
  chunk(193, 0, Buffer.concat([u32(serial), at(from), ...requests]));

export const asconfAck = (serial: number, responses: Uint8Array[]) => chunk(128, 0, Buffer.concat([u32(serial), ...responses]));
export const success = (correlation: number) => tlv(0xc005, u32(correlation));
export const refused = (correlation: number, causes: Uint8Array[]) => tlv(0xc003, Buffer.concat([u32(correlation), ...causes]));

/** Packets that together have every chunk type and parameter the decoder looks into, lengths that need padding among them. */
export function everything(): Buffer[] {
  const text = (value: string) => Buffer.from(value);
  const six = '2001:db8:1::7';
  const packet = (...chunks: Uint8Array[]) => sctp(40000, 40001, 0xcafe0001, chunks);
  const supported = [at('10.0.1.1'), at('10.0.3.1'), at(six), tlv(0xc000), tlv(0x8008, Buffer.of(192, 193, 128))];
  return [
    sctp(40000, 40001, 0, [init(1, 0xcafe0002, 0xfffffff0, [...supported, tlv(12, u16(5, 6)), tlv(0x8000), tlv(0xc006, u32(7))])]),
    sctp(40001, 40000, 0xcafe0002, [init(2, 0xcafe0001, 77, [tlv(7, text('a state cookie')), ...supported, tlv(9, u32(1000))])]),
    packet(chunk(10, 0, text('a state cookie')), data(0xfffffff0, 1, 0, text('first'))),
    packet(chunk(11, 0, Buffer.alloc(0)), sack(0xfffffff0)),
    packet(
      data(0xfffffff1, 2, 1, text('be'), 2, 0x12345678),
      data(0xfffffff2, 2, 1, text('gin'), 0, 0x12345678),
      data(0xfffffff3, 2, 1, text('end!'), 1, 0x12345678),
      data(0xfffffff4, 3, 9, text('unordered'), 7),
    ),
    packet(
      sack(
        0xfffffff1,
        [
          [2, 3],
          [5, 0x1234],
        ],
        [0xfffffff0, 0xfffffff1, 1],
      ),
    ),
    packet(chunk(4, 0, tlv(1, text('sent at noon')))),
    packet(chunk(5, 0, tlv(1, text('sent at noon')))),
    packet(
      asconf(0x77, '10.0.1.1', [request(ADD, 1, '10.0.9.1'), request(ADD, 2, six), request(SET_PRIMARY, 3, '10.0.9.1')]),
      chunk(132, 0, Buffer.alloc(21)),
    ),
    packet(asconfAck(0x77, [success(1), refused(2, [tlv(161, at(six)), tlv(164, at(six))]), success(3)])),
    packet(asconf(0x78, six, [request(DELETE, 4, '0.0.0.0')])),
    packet(asconfAck(0x78, [])),
    packet(chunk(192, 0, Buffer.concat([u32(0xfffffff9), u16(1, 5, 2, 6)]))),
    packet(chunk(9, 0, Buffer.concat([tlv(1, u16(9, 0)), tlv(3, u32(250))]))),
    packet(chunk(15, 0, Buffer.concat([u16(0, 1), Buffer.alloc(20, 3)])), chunk(130, 0, tlv(13, Buffer.concat([u32(1, 2, 3), u16(1)])))),
    packet(chunk(64, BEGIN_END, Buffer.concat([u32(1), u16(1, 0), u32(0, 0), text('I-DATA')]))),
    packet(chunk(12, 0, u32(5)), chunk(13, 0, u32(5))),
    packet(chunk(7, 0, u32(0xfffffff4))),
    packet(chunk(8, 0, Buffer.alloc(0))),
    packet(chunk(14, 1, Buffer.alloc(0))),
    packet(chunk(6, 1, Buffer.concat([tlv(12, text('bye')), tlv(13, text('really'))]))),
    sctp(40000, 40001, 1, [chunk(11, 0, Buffer.alloc(0))], 0x01020304),
  ];
}
