import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatEspTable } from '../../src/pcap/index.ts';
import { analyzeForeign, renderForeign } from '../../src/report/index.ts';
import { ms } from '../metrics/build.ts';
import { clearIke, espKeys, ikeKeys, notify, type Payload, esp as sealEsp } from '../pcap/build/ipsec.ts';
import { ADD, NEW_SENDER, OLD_SENDER, PATH_STATUS, parameter, status, UPDATE } from '../pcap/build/mobikex.ts';
import { ethernet, ipv4 } from '../pcap/build/net.ts';
import { chunk, data, init, sack, sctp } from '../pcap/build/sctp.ts';
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

describe('MOBIKE-X', () => {
  const keys = ikeKeys('aes128', 'sha256');
  const message = (t: number, from: 'mn' | 'sgw', response: boolean, messageId: number, payloads: Payload[]) =>
    udp({
      t: ms(t),
      srcMac: '02:00:00:00:00:01',
      dstMac: '02:00:00:00:00:02',
      ...(from === 'mn' ? { src: A, dst: B } : { src: B, dst: A }),
      srcPort: 500,
      dstPort: 500,
      data: clearIke(keys, { exchange: 37, messageId, fromInitiator: from === 'mn', response }, payloads),
    });
  const cookie = notify(16401, Buffer.alloc(16));
  const analysed = async (...frames: ReturnType<typeof message>[]) => {
    const path = join(folder, 'paths.pcap');
    await writeFile(path, pcap(frames));
    return analyzeForeign([path]);
  };
  const exchanges = async (report: ReturnType<typeof analysed>, columns = 80) => {
    const lines = renderForeign(await report, { columns, color: false }).split('\n');
    const first = lines.findIndex((line) => line.startsWith('  IKE exchange')) + 1;
    return lines.slice(first, lines.indexOf('', first));
  };

  it('shows what requests and answers say of paths, and which requests are checks', async () => {
    const paths = analysed(
      message(0, 'mn', false, 2, [notify(ADD, parameter(NEW_SENDER, 1, A)), notify(16388), cookie]),
      message(1, 'mn', false, 2, [notify(ADD, parameter(NEW_SENDER, 1, A)), notify(16388), cookie]),
      message(5, 'sgw', true, 2, [notify(PATH_STATUS, status(1, 3)), cookie]),
      message(10, 'sgw', false, 0, [cookie]),
      message(15, 'mn', true, 0, [cookie]),
      message(20, 'mn', false, 3, [notify(UPDATE, Buffer.concat([parameter(OLD_SENDER, 0, B), parameter(NEW_SENDER, 1, A)])), cookie]),
    );
    const [capture] = (await paths).captures;
    expect(capture!.ike).toMatchObject([
      {
        notifies: ['ADD_SA_ADDRESS', 'NAT_DETECTION_SOURCE_IP', 'COOKIE2'],
        requests: 2,
        pathCheck: false,
        mobikex: {
          request: [{ notify: 'ADD_SA_ADDRESS', parameters: [{ role: 'new-sender', path: 1, address: A, port: 4500 }] }],
          response: [{ notify: 'MOBIKEX_PATH_STATUS', path: 1, status: 3 }],
        },
      },
      { notifies: ['COOKIE2'], pathCheck: true, mobikex: { request: [], response: [] } },
      { mobikex: { request: [{ notify: 'UPDATE_SA_ADDRESSES', parameters: [{ path: 0 }, { path: 1 }] }] } },
    ]);
    expect(JSON.parse(JSON.stringify(capture))).toEqual(capture);
    expect(await exchanges(paths, 120)).toEqual([
      expect.stringMatching(/^ {2}INFORMATIONAL 192.0.2.1 > 198.51.100.7 NAT_DETECTION_SOURCE_IP COOKIE2 +2 +0.000 +5.000 +2$/),
      '    ADD_SA_ADDRESS path 1 192.0.2.1:4500',
      '    answer: PATH_STATUS 1 rrc-pending',
      expect.stringMatching(/^ {2}INFORMATIONAL 198.51.100.7 > 192.0.2.1 path check +0 +0.010 +5.000 +1$/),
      expect.stringMatching(/^ {2}INFORMATIONAL 192.0.2.1 > 198.51.100.7 COOKIE2 +3 +0.020 +– +1$/),
      '    UPDATE_SA_ADDRESSES path 0 -> 1',
    ]);
  });

  it('shows malformed contents, and only the first of thousands, in the width there is', async () => {
    const moved = Buffer.concat([parameter(OLD_SENDER, 0, '2001:db8::1'), parameter(NEW_SENDER, 0, '2001:db8:0:1::1')]);
    expect((await exchanges(analysed(message(0, 'mn', false, 2, [notify(UPDATE, moved)])), 80))[1]).toBe(
      '    UPDATE_SA_ADDRESSES path 0 [2001:db8::1]:4500 -> [2001:db8:0:1::1]:4500',
    );
    const hostile = analysed(
      message(0, 'mn', false, 2, [notify(UPDATE, Buffer.alloc(3)), ...Array.from({ length: 3000 }, () => notify(PATH_STATUS))]),
    );
    const lines = await exchanges(hostile);
    expect(lines).toHaveLength(1 + 8 + 1);
    expect(lines[1]).toBe('    UPDATE_SA_ADDRESSES malformed: truncated');
    expect(lines.at(-1)).toBe('    and 2993 more');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('SCTP', () => {
  const MOVED = '192.0.2.99';
  const [TAG_A, TAG_B] = [0xa, 0xb];
  const none = Buffer.alloc(0);
  const frame = (t: number, bytes: Buffer) => ({ t: ms(t), bytes: ethernet(bytes) });
  const there = (t: number, tag: number, chunks: Buffer[], src = A) =>
    frame(t, ipv4({ src, dst: B, protocol: 132 }, sctp(5000, 80, tag, chunks)));
  const back = (t: number, tag: number, chunks: Buffer[], dst = A) =>
    frame(t, ipv4({ src: B, dst, protocol: 132 }, sctp(80, 5000, tag, chunks)));
  const analysed = async (frames: ReturnType<typeof frame>[]) => {
    const path = join(folder, 'sctp.pcap');
    await writeFile(path, pcap(frames));
    return analyzeForeign([path]);
  };
  const payload = Buffer.from('data');
  const whole = [
    there(0, 0, [init(1, TAG_A, 1, [])]),
    there(100, 0, [init(1, TAG_A, 1, [])]),
    back(110, TAG_A, [init(2, TAG_B, 7, [])]),
    there(120, TAG_B, [chunk(10, 0, payload), data(1, 0, 0, payload), data(2, 0, 1, payload)]),
    back(130, TAG_A, [chunk(11, 0, none), sack(2), data(1, 0, 0, payload)]),
    there(400, TAG_B, [data(2, 0, 1, payload), data(3, 0, 2, payload)], MOVED),
    back(410, TAG_A, [sack(3)], MOVED),
  ];

  it('shows associations over all their addresses, with TSNs seen again', async () => {
    const other = there(420, 0xc, [data(3, 0, 0, payload)]);
    const report = await analysed([...whole, other, back(430, 0xd, [sack(3)]), back(440, TAG_B, [chunk(6, 1, none)])]);
    const [capture] = report.captures;
    expect(capture!.sctp).toEqual([
      { a: 5000, b: 80, addresses: [[A, MOVED], [B]], packets: [4, 4], data: [4, 1], repeated: [1, 0], first: 0, last: 0.44 },
      { a: 5000, b: 80, addresses: [[A], [B]], packets: [1, 1], data: [1, 0], repeated: [0, 0], first: 0.42, last: 0.43 },
    ]);
    expect(capture!.conversations[0]).toMatchObject({ protocol: 132, a: `${A}:5000`, b: `${B}:80` });
    expect(JSON.parse(JSON.stringify(capture))).toEqual(capture);
    const lines = renderForeign(report, { columns: 120, color: false }).split('\n');
    expect(lines.find((line) => line.includes(MOVED) && line.includes('port'))).toMatch(
      /^ {2}192.0.2.1, 192.0.2.99 port 5000 – 198.51.100.7 port 80 +4\/4 +4\/1 +1\/0 +0.000 +0.440$/,
    );
  });

  it('pairs both directions without their beginning, and finds them inside ESP', async () => {
    const keys = espKeys('aes128', 'sha256', 0xc1, A, B);
    await writeFile(join(folder, 'esp_sa'), formatEspTable([keys]));
    const path = join(folder, 'sealed.pcap');
    const sealed = whole.slice(3).map(({ t, bytes }, i) => ({
      t,
      bytes: ethernet(ipv4({ src: A, dst: B, protocol: 50 }, sealEsp(keys, i + 1, 4, bytes.subarray(14)))),
    }));
    await writeFile(path, pcap(sealed));
    const [capture] = (await analyzeForeign([path], folder)).captures;
    expect(capture!.sctp).toMatchObject([
      { a: 5000, b: 80, addresses: [[A, MOVED], [B]], packets: [2, 2], data: [4, 1], repeated: [1, 0] },
    ]);
    await rm(join(folder, 'esp_sa'));
  });

  it('only counts the last of thousands', async () => {
    const report = await analysed(Array.from({ length: 3000 }, (_, i) => there(i, 1000 + i, [sack(1)])));
    expect(report.captures[0]!.sctp).toHaveLength(3000);
    const lines = renderForeign(report, { columns: 80, color: false }).split('\n');
    expect(lines.filter((line) => line.includes('port 5000'))).toHaveLength(20);
    expect(lines).toContain('  and 2980 more');
  });
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
    sctp: [],
  });
});
