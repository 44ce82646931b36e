import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { analyzeForeign, renderForeign } from '../../src/report/index.ts';
import { ms } from '../metrics/build.ts';
import { esp, ikeHeader, pcap, udp } from './pcap-bytes.ts';

let folder: string;
let file: string;
const A = '192.0.2.1';
const B = '198.51.100.7';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roamlab-foreign-'));
  file = join(folder, 'theirs.pcap');
  const ike = (t: number, back: boolean, exchange: number, id: number) => {
    const [src, dst] = back ? [B, A] : [A, B];
    return udp({
      t: ms(t),
      srcMac: '02:00:00:00:00:01',
      dstMac: '02:00:00:00:00:02',
      src,
      dst,
      srcPort: 500,
      dstPort: 500,
      data: ikeHeader(exchange, back ? 0x20 : 0x08, id),
    });
  };
  const numbers = [5, 6, 7, 9, 8, 8, 14];
  await writeFile(
    file,
    pcap([
      ike(1000, false, 34, 0),
      ike(1300, false, 34, 0),
      ike(1310, true, 34, 0),
      ike(1320, false, 37, 4),
      ...numbers.map((seq, i) => esp(ms(1400 + i * 20 + (seq === 14 ? 500 : 0)), seq === 14 ? '203.0.113.5' : A, B, 0xdeadbeef, seq)),
    ]),
  );
});
afterAll(() => rm(folder, { recursive: true }));

it('tells conversations, exchanges and SAs without keys', async () => {
  const [capture] = (await analyzeForeign([file])).captures;
  expect(capture).toMatchObject({ packets: 11, truncated: false, format: 'pcap', start: '2025-11-25T00:53:21.000Z' });
  expect(capture!.duration).toBeCloseTo(1.02, 9);
  expect(capture!.conversations.map(({ protocol, a, b, packets }) => [protocol, a, b, packets])).toEqual([
    [50, A, B, [6, 0]],
    [17, `${A}:500`, `${B}:500`, [3, 1]],
    [50, '203.0.113.5', B, [1, 0]],
  ]);
  expect(capture!.ike).toMatchObject([
    { exchange: 'IKE_SA_INIT', messageId: 0, requests: 2, from: A, to: B, start: 0 },
    { exchange: 'INFORMATIONAL', messageId: 4, requests: 1, duration: null, decrypted: false },
  ]);
  expect(capture!.ike[0]!.duration).toBeCloseTo(0.31, 9);
  expect(capture!.esp).toMatchObject([
    { spi: '0xdeadbeef', packets: 7, decrypted: 0, lost: 4, duplicated: 1, reordered: 1, paths: [`${A} > ${B}`, `203.0.113.5 > ${B}`] },
  ]);
  expect(capture!.esp[0]!.longestGap!.seconds).toBeCloseTo(0.52, 9);
  expect(JSON.parse(JSON.stringify(capture))).toEqual(capture);
});

it('fits a terminal', async () => {
  const text = renderForeign(await analyzeForeign([file]), { columns: 80, color: false });
  expect(
    Math.max(
      ...text
        .split('\n')
        .slice(1)
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(80);
  expect(text).toMatch(/0xdeadbeef .* 7 +4 +1 +1 +520\.0 +0\.500/);
});

it('says when a key folder holds no keys', async () => {
  await expect(analyzeForeign([file], folder)).rejects.toMatchObject({ code: 'E_KEYS_MISSING', where: folder });
});

it('takes an empty capture for what it is', async () => {
  const empty = join(folder, 'empty.pcap');
  await writeFile(empty, pcap([]));
  expect((await analyzeForeign([empty])).captures[0]).toMatchObject({
    packets: 0,
    start: null,
    duration: 0,
    conversations: [],
    ike: [],
    esp: [],
  });
});
