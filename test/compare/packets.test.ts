import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, asyncProperty, integer } from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { compareRuns } from '../../src/compare/index.ts';
import type { BytesDifference } from '../../src/compare/types.ts';
import { EPOCH } from '../metrics/build.ts';
import { pcapFile, pcapngBlocks } from '../pcap/build/files.ts';
import { copy, damage, flipAt, recordAt, scratchFolder, sealedRecords, sealedRun } from './folders.ts';

const CAPTURE = 'pcap/mn-eth0.pcap';
let folder: string;
let a: string;
let copies = 0;

beforeAll(async () => {
  folder = await scratchFolder();
  a = await sealedRun(join(folder, 'a'));
});

/** What is found when the capture of a copy of run a is changed. */
async function changed(change: (octets: Buffer) => Buffer | undefined): Promise<BytesDifference> {
  copies += 1;
  const b = await copy(a, join(folder, `b${copies}`));
  await damage(join(b, CAPTURE), change);
  const { bytes, view, identical } = await compareRuns(a, b);
  expect([view, identical]).toEqual(['bytes', false]);
  return bytes!;
}

const flip =
  (number: number, at: number, bit = 0) =>
  (octets: Buffer): undefined => {
    octets[recordAt(octets, number) + at]! ^= 1 << bit;
  };

describe('a flipped bit in a packet', () => {
  it('inside ESP: names the packet and the octet, and shows that one side no longer opens', async () => {
    const { packets, files } = await changed(flip(8, 16 + 70, 3));
    expect(files).toEqual([]);
    expect(packets).toHaveLength(1);
    const [found] = packets;
    expect(found).toMatchObject({ file: CAPTURE, number: 8, differs: ['octets'], offset: 70, within: 'ESP, encrypted part', later: 0 });
    expect(found!.a!.summary).toBe('10.1.0.2 > 10.3.0.2 ESP 0xc0de 7 [10.10.0.1:40000 > 10.9.0.1:5001 flow 0, 6, sent +60.000000 ms]');
    expect(found!.b!.summary).toBe('10.1.0.2 > 10.3.0.2 ESP 0xc0de 7, not decrypted');
    // the flows start at 1 s, and there was no event
    expect(found!.a!.dt).toBeCloseTo(0.07, 9);
    const [left, right] = [found!.a!.excerpt!, found!.b!.excerpt!];
    expect([left.at, right.at]).toEqual([48, 48]);
    const octet = ({ hex, at }: typeof left): number => Number.parseInt(hex.slice((70 - at) * 2, (70 - at) * 2 + 2), 16);
    expect(octet(left) ^ octet(right)).toBe(8);
  });

  it('inside IKE', async () => {
    const { packets } = await changed(flip(1, 16 + 90));
    expect(packets[0]).toMatchObject({ number: 1, offset: 90, within: 'IKE payloads' });
    expect(packets[0]!.a!.summary).toBe('10.1.0.2:4500 > 10.3.0.2:4500 INFORMATIONAL request 3 [UPDATE_SA_ADDRESSES]');
    expect(packets[0]!.b!.summary).toBe('10.1.0.2:4500 > 10.3.0.2:4500 INFORMATIONAL request 3, not decrypted');
  });

  it.each([
    [3, 'link header'],
    [30, 'IPv4 header'],
    [36, 'ESP header'],
  ])('in octet %i: the %s', async (offset, within) => {
    expect((await changed(flip(5, 16 + offset))).packets[0]).toMatchObject({ number: 5, offset, within });
  });
});

describe('a flipped bit in a record header', () => {
  it.each([
    ['seconds', 0, { differs: ['time'], later: -1e9 }],
    ['nanoseconds', 4, { differs: ['time'], later: 1 }],
    ['length on the wire', 12, { differs: ['length'], offset: null }],
  ])('of the %s is found in its packet', async (_, at, wanted) => {
    expect((await changed(flip(4, at))).packets[0]).toMatchObject({ number: 4, ...wanted });
  });

  it('that makes the packet longer swallows the next header', async () => {
    const { packets } = await changed(flip(4, 8, 6));
    const [found] = packets;
    expect(found).toMatchObject({ number: 4, within: 'behind the end' });
    expect(found!.differs).toEqual(['captured']);
    expect(found!.b!.captured - found!.a!.captured).toBe(64);
    expect(found!.offset).toBe(found!.a!.captured);
  });

  it('that makes it longer than any packet ends the file there', async () => {
    const { packets } = await changed(flip(4, 10, 7));
    expect(packets[0]).toMatchObject({ number: 4, differs: ['presence'], b: null });
    expect(packets[0]!.ends.b).toMatch(/^frame 4: record of \d+ octets, more than any capture holds/);
  });

  it('any bit of any record is found in that record', async () => {
    const whole = pcapFile(sealedRecords(20));
    const starts = Array.from({ length: 21 }, (_, i) => recordAt(whole, i + 1));
    await assert(
      asyncProperty(integer({ min: 24, max: whole.length - 1 }), integer({ min: 0, max: 7 }), async (at, bit) => {
        const { packets } = await changed((octets) => {
          octets[at]! ^= 1 << bit;
          return octets;
        });
        expect(packets.map(({ number }) => number)).toEqual([starts.findLastIndex((start) => start <= at) + 1]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a file that ends early', () => {
  it.each([
    ['inside a packet', 40, 'frame 6: the file ends inside this record'],
    ['inside a record header', 7, 'frame 6: the file ends inside this record'],
    ['between two packets', 0, 'the file ends after packet 5'],
  ])('%s', async (_, more, ends) => {
    const { packets } = await changed((octets) => octets.subarray(0, recordAt(octets, 6) + more));
    expect(packets[0]).toMatchObject({ number: 6, differs: ['presence'], b: null, ends: { a: null, b: ends } });
    expect(packets[0]!.a!.summary).toContain('flow 0, 4');
  });

  it('in both runs, inside the same packet', async () => {
    const cut = async (name: string, length: number): Promise<string> => {
      const run = await copy(a, join(folder, name));
      await damage(join(run, CAPTURE), (octets) => octets.subarray(0, recordAt(octets, 6) + length));
      return run;
    };
    const { bytes } = await compareRuns(await cut('cut1', 30), await cut('cut2', 40));
    expect(bytes!.packets).toMatchObject([{ number: 6, a: null, b: null }]);
  });

  it('inside its own header', async () => {
    const { packets, files } = await changed((octets) => octets.subarray(0, 10));
    expect(packets).toMatchObject([{ number: 1, b: null }]);
    expect(files).toEqual([]);
  });

  it('with nothing in it: what differs is the file, and why it is no capture is said', async () => {
    const { packets, files } = await changed(() => Buffer.alloc(0));
    expect(packets).toEqual([]);
    expect(files).toMatchObject([{ file: CAPTURE, offset: 0, note: 'B: the capture is empty' }]);
  });
});

describe('the header of a capture', () => {
  it('that is none: octets, and the reason', async () => {
    const { packets, files } = await changed(flipAt(0));
    expect(packets).toEqual([]);
    expect(files).toMatchObject([{ file: CAPTURE, offset: 0, content: { kind: 'octets' } }]);
    expect(files[0]!.note).toMatch(/^B: not a capture: starts with /);
  });

  it('that changes no packet', async () => {
    const { packets, files } = await changed(flipAt(16));
    expect(packets).toEqual([]);
    expect(files).toMatchObject([{ offset: 16, note: 'every packet is the same: what differs is around them' }]);
  });

  it('whose link type differs', async () => {
    const { packets } = await changed(flipAt(20));
    expect(packets[0]).toMatchObject({ number: 1, differs: ['link type'] });
  });
});

describe('time stamps alone', () => {
  const shifted = (from: number, by: number) => (octets: Buffer) => {
    for (let number = from; number <= 21; number += 1) {
      const at = recordAt(octets, number) + 4;
      octets.writeUInt32LE(octets.readUInt32LE(at) + by + number, at);
    }
  };

  it('says in how many packets, by how much, and that no octet differs', async () => {
    const { packets } = await changed((octets) => void shifted(15, 100)(octets));
    expect(packets[0]).toMatchObject({ number: 15, differs: ['time'], later: 115, drift: { packets: 7, most: 121, until: null } });
  });

  it('and from which packet on more differs', async () => {
    const { packets } = await changed((octets) => {
      shifted(10, 5)(octets);
      flip(18, 16 + 60)(octets);
      flip(20, 16 + 60)(octets);
      return octets;
    });
    expect(packets[0]).toMatchObject({ number: 10, later: 15, drift: { packets: 8, most: 22, until: 18 } });
  });
});

it('a packet that is missing shows the one that stands in its place', async () => {
  const { packets } = await changed((octets) => {
    const [at, next] = [recordAt(octets, 9), recordAt(octets, 10)];
    return Buffer.concat([octets.subarray(0, at), octets.subarray(next)]);
  });
  expect(packets[0]).toMatchObject({ number: 9, later: 1e7 });
  expect(packets[0]!.a!.summary).toContain('flow 0, 7,');
  expect(packets[0]!.b!.summary).toContain('flow 0, 8,');
});

it('of several captures the one that parts first in time comes first', async () => {
  const [x, y] = [await copy(a, join(folder, 'x')), await copy(a, join(folder, 'y'))];
  const others = [
    ['pcap/a.pcap', 12],
    ['pcap/z.pcap', 3],
  ] as const;
  for (const [name, number] of others) {
    for (const run of [x, y]) await writeFile(join(run, name), pcapFile(sealedRecords(20)));
    await damage(join(y, name), flip(number, 16 + 50));
  }
  await damage(join(y, CAPTURE), flip(7, 16 + 50));
  const { bytes } = await compareRuns(x, y);
  expect(bytes!.packets.map(({ file, number }) => [file, number])).toEqual([
    ['pcap/z.pcap', 3],
    [CAPTURE, 7],
    ['pcap/a.pcap', 12],
  ]);
});

it('reads pcapng the same way', async () => {
  const ng = pcapngBlocks(true);
  const blocks = sealedRecords(20).map(({ seconds, fraction, data }) =>
    ng.enhanced(0, BigInt(seconds) * 1_000_000_000n + BigInt(fraction), data),
  );
  const file = (change: number): Buffer =>
    Buffer.concat([ng.section(), ng.interface({ resolution: 9 }), ...blocks.map((block, i) => flipped(block, i === change))]);
  const flipped = (block: Buffer, really: boolean): Buffer => {
    const octets = Buffer.from(block);
    if (really) octets[28 + 55]! ^= 1;
    return octets;
  };
  const [x, y] = [await copy(a, join(folder, 'ng1')), await copy(a, join(folder, 'ng2'))];
  await writeFile(join(x, 'pcap/more.pcapng'), file(-1));
  await writeFile(join(y, 'pcap/more.pcapng'), file(13));
  const { bytes } = await compareRuns(x, y);
  expect(bytes!.packets).toMatchObject([{ file: 'pcap/more.pcapng', number: 14, offset: 55 }]);
});

it('runs of different epochs are told from their own zero, to the nanosecond', async () => {
  const later = sealedRecords(20).map((record) => ({ ...record, seconds: record.seconds + 300_000_000, fraction: record.fraction + 7 }));
  const b = await sealedRun(join(folder, 'later'), 20, later);
  await damage(join(b, 'run.json'), (octets) => Buffer.from(String(octets).replace(`${EPOCH}`, `${EPOCH + 300_000_000}`)));
  const { bytes } = await compareRuns(a, b);
  expect(bytes!.packets[0]).toMatchObject({ number: 1, differs: ['time'], later: 7, drift: null });
  expect(bytes!.packets[0]!.b!.t).toBe(1e9 + 7);
});
