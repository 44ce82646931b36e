import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, FrameReader, type GuestMessage } from '../../src/vm/protocol.ts';

type Frame = [GuestMessage, string];

function reader(): { frames: Frame[]; push: (chunk: Uint8Array) => void } {
  const frames: Frame[] = [];
  const one = new FrameReader((message, body) => frames.push([message, body.toString('hex')]));
  return { frames, push: (chunk) => one.push(Buffer.from(chunk)) };
}

const message: fc.Arbitrary<GuestMessage> = fc.oneof(
  fc.constant<GuestMessage>({ type: 'beat' }),
  fc.record({ type: fc.constant('file' as const), path: fc.string({ unit: 'binary' }), mode: fc.nat(0o777) }),
  fc.record({ type: fc.constant('step' as const), index: fc.nat(), phase: fc.string(), title: fc.string({ unit: 'grapheme' }) }),
);

test('frames come out as they went in, however the stream is cut', () => {
  const sent = fc.array(fc.tuple(message, fc.uint8Array({ maxLength: 300 })), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(sent, fc.infiniteStream(fc.integer({ min: 1, max: 60 })), (frames, sizes) => {
      const stream = Buffer.concat(frames.map(([m, body]) => encodeFrame(m, body)));
      const { frames: found, push } = reader();
      for (let at = 0; at < stream.length; ) {
        const size = sizes.next().value;
        push(stream.subarray(at, at + size));
        at += size;
      }
      expect(found).toEqual(frames.map(([m, body]) => [m, Buffer.from(body).toString('hex')]));
    }),
  );
});

test('a frame is called out only when it is whole', () => {
  const { frames, push } = reader();
  const stream = encodeFrame({ type: 'beat' }, Buffer.from('body'));
  for (const octet of stream.subarray(0, -1)) push(Buffer.from([octet]));
  expect(frames).toEqual([]);
  push(stream.subarray(-1));
  expect(frames).toEqual([[{ type: 'beat' }, Buffer.from('body').toString('hex')]]);
});

describe('what no guest of ours sends is a RangeError at once', () => {
  const lengths = (header: number, body: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(header, 0);
    bytes.writeUInt32BE(body, 4);
    return bytes;
  };
  test.each([
    ['a header of 4 GiB', lengths(0xffff_ffff, 0)],
    ['a body of 4 GiB', lengths(2, 0xffff_ffff)],
    ['a header just too long', lengths((16 << 20) + 1, 0)],
    ['text instead of frames', Buffer.from('Kernel panic - not syncing')],
    ['a header that is no JSON', Buffer.concat([lengths(3, 0), Buffer.from('{a}')])],
    ['no header', lengths(0, 0)],
  ])('%s', (_, bytes) => {
    const { frames, push } = reader();
    expect(() => push(bytes)).toThrow(RangeError);
    expect(frames).toEqual([]);
  });

  test('the largest lengths that are allowed wait for their bytes', () => {
    const { frames, push } = reader();
    push(lengths(16 << 20, 1 << 30));
    expect(frames).toEqual([]);
  });
});
