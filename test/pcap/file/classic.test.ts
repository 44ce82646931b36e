import { expect, test } from 'vitest';
import { forEachFrame, readCapture } from '../../../src/pcap/index.ts';
import { pcapFile } from '../build/files.ts';
import { scratch } from '../build/tmp.ts';

const file = scratch();
const data = (text: string) => Buffer.from(text);
const texts = (frames: { data: Uint8Array }[]) => frames.map((frame) => Buffer.from(frame.data).toString());

test.each([
  { nanos: true, little: true },
  { nanos: true, little: false },
  { nanos: false, little: true },
  { nanos: false, little: false },
])('reads a capture with $nanos nanoseconds, little endian $little', async ({ nanos, little }) => {
  const records = [
    { seconds: 1_700_000_000, fraction: 123_456, data: data('one') },
    { seconds: 1_700_000_001, fraction: 7, data: data('second'), length: 1500 },
  ];
  const capture = await readCapture(file('a.pcap', pcapFile(records, { nanos, little, linkType: 276 })));
  const unit = nanos ? 1 : 1000;
  expect(capture).toMatchObject({ format: 'pcap', epoch: 1_700_000_000, truncated: false, warnings: [] });
  expect(capture.frames.map(({ t, linkType, length }) => ({ t, linkType, length }))).toEqual([
    { t: 123_456 * unit, linkType: 276, length: 3 },
    { t: 1_000_000_000 + 7 * unit, linkType: 276, length: 1500 },
  ]);
  expect(texts(capture.frames)).toEqual(['one', 'second']);
});

test('counts from the epoch it is given, also backwards', async () => {
  const path = file('b.pcap', pcapFile([{ seconds: 100, fraction: 5, data: data('x') }]));
  expect((await readCapture(path, { epoch: 98 })).frames[0]!.t).toBe(2_000_000_005);
  expect((await readCapture(path, { epoch: 101 })).frames[0]!.t).toBe(-999_999_995);
});

test('keeps records apart whatever the size of the chunks they come in', async () => {
  const records = Array.from({ length: 40 }, (_, i) => ({ seconds: 1, fraction: i, data: Buffer.alloc(65_000 + i * 7, i) }));
  const { frames } = await readCapture(file('c.pcap', pcapFile(records)));
  expect(frames.map((frame) => [frame.data.length, frame.data.every((octet) => octet === frame.t)])).toEqual(
    records.map((record) => [record.data.length, true]),
  );
});

test.each([1, 5, 15, 16, 18])('a file cut %i octets into its last record keeps the ones before', async (left) => {
  const whole = pcapFile([
    { seconds: 1, fraction: 1, data: data('kept') },
    { seconds: 2, fraction: 1, data: data('cut') },
  ]);
  const capture = await readCapture(file('d.pcap', whole.subarray(0, 24 + 20 + left)));
  expect(texts(capture.frames)).toEqual(['kept']);
  expect(capture.truncated).toBe(true);
  expect(capture.warnings).toEqual(['frame 2: the file ends inside this record']);
});

test('a file cut inside its header has no frames', async () => {
  const capture = await readCapture(file('e.pcap', pcapFile([]).subarray(0, 20)));
  expect(capture).toMatchObject({ frames: [], truncated: true });
});

test.each([262_145, 0x7fffffff, 0xffffffff])('stops at a record that claims %i octets', async (claimed) => {
  const bytes = pcapFile([
    { seconds: 1, fraction: 1, data: data('kept') },
    { seconds: 2, fraction: 1, data: data('liar') },
  ]);
  bytes.writeUInt32LE(claimed, 24 + 20 + 8);
  const capture = await readCapture(file('f.pcap', bytes));
  expect(texts(capture.frames)).toEqual(['kept']);
  expect(capture.truncated).toBe(true);
  expect(capture.warnings[0]).toMatch(/^frame 2: record of \d+ octets/);
});

test('zero-length records are frames', async () => {
  const capture = await readCapture(
    file('g.pcap', pcapFile(Array.from({ length: 3 }, () => ({ seconds: 1, fraction: 0, data: data('') })))),
  );
  expect(capture.frames.map((frame) => frame.data.length)).toEqual([0, 0, 0]);
  expect(capture.truncated).toBe(false);
});

test('absurd times are kept and said once per kind', async () => {
  const records = [1, 0xffffffff, 0xfffffffe].map((seconds) => ({ seconds, fraction: 0xffffffff, data: data('x') }));
  const capture = await readCapture(file('h.pcap', pcapFile(records)));
  expect(capture.frames).toHaveLength(3);
  expect(capture.warnings).toEqual([
    'frame 1: fraction of the timestamp is a second or more (3 times)',
    'frame 2: timestamp too far from the epoch to be exact (2 times)',
  ]);
});

test('frame checksum bits in the link type are not part of it', async () => {
  const bytes = pcapFile([{ seconds: 1, fraction: 1, data: data('x') }]);
  bytes.writeUInt32LE(0x24000001, 20);
  expect((await readCapture(file('i.pcap', bytes))).frames[0]!.linkType).toBe(1);
});

test.each([
  ['an empty file', Buffer.alloc(0), 'the capture is empty'],
  ['two octets', Buffer.from('ab'), 'too short for a capture'],
  ['text', Buffer.from('hello, world'), 'not a capture: starts with 68656c6c'],
  ['version 2.3', withVersion(2, 3), 'pcap version 2.3, only 2.4 is known'],
])('%s is refused', async (_what, bytes, message) => {
  const path = file('bad.pcap', bytes);
  await expect(readCapture(path)).rejects.toMatchObject({ code: 'E_PCAP_FORMAT', exit: 2, message, where: path });
});

test('a file that is not there is refused', async () => {
  await expect(readCapture('/nonexistent/x.pcap')).rejects.toMatchObject({ code: 'E_PCAP_READ', exit: 2, where: '/nonexistent/x.pcap' });
});

test('what the receiver of frames throws comes out unchanged', async () => {
  const path = file('j.pcap', pcapFile([{ seconds: 1, fraction: 1, data: data('x') }]));
  const thrown = new Error('mine');
  const reading = forEachFrame(path, {}, () => {
    throw thrown;
  });
  await expect(reading).rejects.toBe(thrown);
});

function withVersion(major: number, minor: number): Buffer {
  const bytes = pcapFile([]);
  bytes.writeUInt16LE(major, 4);
  bytes.writeUInt16LE(minor, 6);
  return bytes;
}
