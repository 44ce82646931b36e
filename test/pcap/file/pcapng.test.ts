import { describe, expect, test } from 'vitest';
import { readCapture } from '../../../src/pcap/index.ts';
import { pcapngBlocks } from '../build/files.ts';
import { scratch } from '../build/tmp.ts';

const file = scratch();
const data = (text: string) => Buffer.from(text);
const write = (...blocks: Buffer[]) => file('x.pcapng', Buffer.concat(blocks));
const seen = (capture: Awaited<ReturnType<typeof readCapture>>) =>
  capture.frames.map((frame) => [frame.t, frame.linkType, frame.length, Buffer.from(frame.data).toString()]);
const SECOND = 1_700_000_000n;

describe.each([{ little: true }, { little: false }])('little endian $little', ({ little }) => {
  const ng = pcapngBlocks(little);

  test('all three packet blocks, unknown blocks between them', async () => {
    const capture = await readCapture(
      write(
        ng.section(),
        ng.block(0x0bad, data('who knows')),
        ng.interface({ snapLength: 4 }),
        ng.enhanced(0, SECOND * 1_000_000n + 5n, data('new'), 1500),
        ng.obsolete(0, SECOND * 1_000_000n + 6n, data('old')),
        ng.block(0x80000bad, Buffer.alloc(3_000_000)),
        ng.simple(data('plai'), 99),
      ),
    );
    expect(capture).toMatchObject({ format: 'pcapng', epoch: Number(SECOND), truncated: false });
    expect(seen(capture)).toEqual([
      [5000, 1, 1500, 'new'],
      [6000, 1, 3, 'old'],
      [6000, 1, 99, 'plai'],
    ]);
    expect(capture.warnings).toEqual(['frame 3: simple packet block without a time; the time of the packet before is used']);
  });

  test.each([
    { name: 'default', value: undefined, ticks: SECOND * 10n ** 6n + 250_000n },
    { name: 'ms', value: 3, ticks: SECOND * 1000n + 250n },
    { name: 'ns', value: 9, ticks: SECOND * 10n ** 9n + 250_000_000n },
    { name: 'ps', value: 10, ticks: SECOND * 10n ** 10n + 2_500_000_000n },
    { name: '1/1024 s', value: 0x8a, ticks: SECOND * 1024n + 256n },
    { name: '2^-33 s', value: 0xa1, ticks: (SECOND << 33n) + (1n << 31n) },
  ])('clock resolution $name', async ({ value, ticks }) => {
    const capture = await readCapture(
      write(ng.section(), ng.interface(value === undefined ? {} : { resolution: value }), ng.enhanced(0, ticks, data('x'))),
    );
    expect(capture.epoch).toBe(Number(SECOND));
    expect(capture.frames[0]!.t).toBe(250_000_000);
  });

  test('offsets, several interfaces, a section in the other byte order', async () => {
    const other = pcapngBlocks(!little);
    const capture = await readCapture(
      write(
        ng.section(),
        ng.interface({ resolution: 9, offset: 1_000_000 }),
        ng.interface({ resolution: 6, offset: -5, linkType: 113 }),
        ng.enhanced(1, 15_000_001n, data('b')),
        ng.enhanced(0, 3n, data('a')),
        other.section(),
        other.interface({ linkType: 101 }),
        other.enhanced(0, 10_000_002n, data('c')),
      ),
    );
    expect(capture.epoch).toBe(10);
    expect(seen(capture)).toEqual([
      [1000, 113, 1, 'b'],
      [999_990 * 1e9 + 3, 1, 1, 'a'],
      [2000, 101, 1, 'c'],
    ]);
  });

  test.each([
    ['inside the last block', (b: Buffer) => b.subarray(0, b.length - 3), 'the file ends inside a block'],
    ['the second length differs', (b: Buffer) => poke(b, b.length - 4, 1), 'the two lengths of a block differ'],
    ['a length of 4 GiB', (b: Buffer) => poke(b, b.length - LAST + 4, 255), /block of \d+ octets/],
    ['a length of nothing', (b: Buffer) => b.fill(0, b.length - LAST + 4, b.length - LAST + 8), 'block of 0 octets'],
  ])('a corrupt tail keeps what came before: %s', async (_what, damage, message) => {
    const whole = Buffer.concat([ng.section(), ng.interface(), ng.enhanced(0, 1n, data('kept')), ng.obsolete(0, 2n, data('lost'))]);
    const capture = await readCapture(write(damage(whole)));
    expect(seen(capture).map(([, , , text]) => text)).toEqual(['kept']);
    expect(capture.truncated).toBe(true);
    expect(capture.warnings).toEqual([expect.stringMatching(message)]);
  });

  test('packets that do not fit their block or have no interface are skipped and told', async () => {
    const lying = ng.enhanced(0, 1n, data('lies'));
    lying.fill(0x7f, 20, 24);
    const capture = await readCapture(
      write(
        ng.section(),
        ng.interface(),
        ng.enhanced(7, 1n, data('lost')),
        lying,
        ng.block(6, Buffer.alloc(8)),
        ng.enhanced(0, 1n, data('kept')),
      ),
    );
    expect(seen(capture).map(([, , , text]) => text)).toEqual(['kept']);
    expect(capture.truncated).toBe(false);
    expect(capture.warnings).toEqual([
      'frame 1: packet of an interface that was never described',
      'frame 2: packet longer than its block',
      'frame 3: packet block too short',
    ]);
  });
});

test('another major version is refused', async () => {
  const section = pcapngBlocks(true).section();
  section.writeUInt16LE(2, 12);
  await expect(readCapture(write(section))).rejects.toMatchObject({ code: 'E_PCAP_FORMAT', message: 'pcapng version 2, only 1 is known' });
});

/** octets of the last block of the corrupt files */
const LAST = 12 + 20 + 4;

/** Sets the octets of a length field's outer bytes, whatever the order. */
function poke(b: Buffer, at: number, value: number): Buffer {
  b[at] = value;
  b[at + 3] = value;
  return b;
}
