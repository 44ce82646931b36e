import { expect, test } from 'vitest';
import { encodeOrders, type GuestMessage, NoteReader } from '../../src/vm/protocol.ts';

const read = (...chunks: Buffer[]) => {
  const heard: (GuestMessage | null)[] = [];
  const reader = new NoteReader((message) => heard.push(message));
  for (const chunk of chunks) reader.push(chunk);
  return heard;
};

test('a note per line, an empty line is a beat, whatever the chunks', () => {
  const text = Buffer.from('\n{"type":"said","value":"ja – nein"}\n\n');
  expect(read(...[...text].map((octet) => Buffer.from([octet])))).toEqual([null, { type: 'said', value: 'ja – nein' }, null]);
  expect(read(text)).toHaveLength(3);
});

test('what is no JSON is refused with its beginning', () => {
  expect(() => read(Buffer.from('Segmentation fault\n'))).toThrow(new RangeError('a frame whose header is no JSON: Segmentation fault'));
});

test('a line that never ends is refused before it fills the memory', () => {
  expect(() => read(Buffer.alloc(17 << 20, 'x'))).toThrow('a note without an end');
});

test('orders take the same room whatever they say: a stored guest expects it', () => {
  const short = encodeOrders({ do: 'nothing' });
  const long = encodeOrders({ do: 'measure', moment: { run: 12345, nullEvent: false, seed: 4294967295 } });
  expect(long.length).toBe(short.length);
  expect(JSON.parse(short.toString('utf8', 4, 4 + short.readUInt32BE()))).toEqual({ do: 'nothing' });
});

test('orders that do not fit are refused', () => {
  const cell = { name: 'x'.repeat(2 << 20) } as never;
  expect(() => encodeOrders({ do: 'prepare', cell })).toThrow(/too large for one guest/);
});
