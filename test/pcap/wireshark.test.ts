/** The Wireshark script that results folders ship, run by tshark: what it shows of MOBIKE-X is what we decode. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  decodeFrames,
  formatIkeTable,
  isPathCheck,
  KeyRing,
  type MobikexContent,
  mobikexContent,
  mobikexText,
  parseIkeTable,
  readCapture,
} from '../../src/pcap/index.ts';
import type { IkeKeys } from '../../src/types/keys.ts';
import type { IkeInfo } from '../../src/types/packet.ts';
import { pcapFile } from './build/files.ts';
import { clearIke, ike, ikeFragments, ikeKeys, notify, octets, type Payload } from './build/ipsec.ts';
import {
  ADD,
  NEW_PEER,
  NEW_SENDER,
  OLD_PEER,
  OLD_SENDER,
  PATH_STATUS,
  parameter,
  REMOVE,
  SUPPORTED,
  status,
  supported,
  UPDATE,
} from './build/mobikex.ts';
import { ethernet, ipv4, udp } from './build/net.ts';
import { scratch } from './build/tmp.ts';

const file = scratch();
const SCRIPT = join(import.meta.dirname, '../../images/wireshark/mobikex.lua');
const version = spawnSync('tshark', ['--version']);
const missing =
  version.error !== undefined ? 'tshark is not installed' : /with Lua/.test(String(version.stdout)) ? null : 'tshark has no Lua';

const FIELDS = [
  'event',
  'text',
  'malformed',
  'version',
  'flags',
  'max_paths',
  'path',
  'status',
  'role',
  'address',
  'port',
  'parameter.flags',
];
const EVENTS: Record<MobikexContent['notify'], string> = {
  MOBIKEX_SUPPORTED: 'supported',
  ADD_SA_ADDRESS: 'add',
  REMOVE_SA_ADDRESS: 'remove',
  MOBIKEX_PATH_STATUS: 'status',
  UPDATE_SA_ADDRESSES: 'update',
};
const ROLES = ['', 'old-sender', 'new-sender', 'old-peer', 'new-peer'];

/** Fields of each frame as tshark prints them, and its Info column in front. */
function tshark(path: string, keys: IkeKeys[], more: string[] = []): string[][] {
  const table = formatIkeTable(keys).split('\n');
  const args = [
    ...['-n', '-r', path, '-X', `lua_script:${SCRIPT}`, '-T', 'fields', '-E', 'separator=|', '-E', 'aggregator=;', '-e', '_ws.col.Info'],
    ...['-e', '_ws.lua.error', ...FIELDS.flatMap((field) => ['-e', `mobikex.${field}`]), ...more],
    ...table.flatMap((line) => (line === '' ? [] : ['-o', `uat:ikev2_decryption_table:${line}`])),
  ];
  const output = execFileSync('tshark', args, { stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26 });
  return output
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('|'));
}

/** The same fields of our decoder. */
function row(info: IkeInfo): string[] {
  const contents = info.notifies.map(mobikexContent).filter((content) => content !== null);
  const hex = (value: number) => `0x${value.toString(16).padStart(2, '0')}`;
  const each = (pick: (content: MobikexContent) => (string | number)[]) => contents.flatMap(pick).join(';');
  const parameters = (pick: (parameter: Extract<MobikexContent, { parameters: unknown }>['parameters'][number]) => string | number) =>
    each((content) => ('parameters' in content ? content.parameters.map(pick) : []));
  const check = isPathCheck(info);
  return [
    check ? 'check' : each(({ notify: name }) => [EVENTS[name]]),
    check ? 'path check' : each((content) => [mobikexText(content)]),
    each((content) => ('malformed' in content ? [content.malformed] : [])),
    each((content) => ('version' in content ? [content.version] : [])),
    each((content) => ('version' in content ? [hex(content.flags)] : [])),
    each((content) => ('version' in content ? [content.maxPaths] : [])),
    each((content) => ('parameters' in content ? content.parameters.map(({ path }) => path) : 'path' in content ? [content.path] : [])),
    each((content) => ('status' in content ? [content.status] : [])),
    parameters(({ role }) => ROLES.indexOf(role)),
    parameters(({ address }) => address),
    parameters(({ port }) => port),
    parameters(({ flags }) => hex(flags)),
  ];
}

const KEYS = ikeKeys('aes128', 'sha256');
const REQUEST = { exchange: 37, messageId: 3, fromInitiator: true, response: false };
const RESPONSE = { exchange: 37, messageId: 3, fromInitiator: false, response: true };
const COOKIE = notify(16401, octets('cookie', 16));
const NATD = [notify(16388, octets('s', 20)), notify(16389, octets('d', 20))];

function capture(name: string, messages: Buffer[]): string {
  const frames = messages.map((message, i) => {
    const data = ethernet(
      ipv4({ src: '10.0.1.1', dst: '10.0.2.1', protocol: 17 }, udp(4500, 4500, Buffer.concat([Buffer.alloc(4), message]))),
    );
    return { seconds: 1_700_000_000 + i, fraction: 0, data };
  });
  return file(name, pcapFile(frames, { linkType: 1 }));
}

/** Compares all fields of all frames, and returns tshark's. */
const compare = (messages: Buffer[]) => compareFile(capture('x.pcap', messages), [KEYS]);

async function compareFile(path: string, keys: IkeKeys[]): Promise<string[][]> {
  const { frames } = await readCapture(path);
  const ours = decodeFrames(frames, new KeyRing(keys)).map((packet) => row(packet.ike!));
  const theirs = tshark(path, keys);
  expect(theirs.map(([, ...cells]) => cells)).toEqual(ours.map((cells) => ['', ...cells]));
  for (const [i, [column]] of theirs.entries()) {
    for (const text of ours[i]![1]!.split(';').filter((one) => one !== '')) expect(column).toContain(` [${text}]`);
  }
  return theirs;
}

/** The same payloads in clear, encrypted, and in fragments. */
const everyWay = (options: typeof REQUEST, payloads: Payload[]) => [
  clearIke(KEYS, options, payloads),
  ike(KEYS, options, payloads),
  ...ikeFragments(KEYS, options, payloads, 30),
];

const concat = (...parts: Buffer[]) => Buffer.concat(parts);
const older = parameter(OLD_SENDER, 0, '10.1.0.2');
const newer = parameter(NEW_SENDER, 1, '10.2.0.2', { port: 61_000, flags: 0x81 });

describe.skipIf(missing !== null)(
  missing === null ? "Wireshark's script agrees" : `Wireshark's script agrees (skipped: ${missing})`,
  () => {
    test('on the messages of a path, in clear, encrypted and in fragments', async () => {
      const shown = await compare([
        ...everyWay({ ...REQUEST, exchange: 35 }, [
          { type: 39, body: concat(Buffer.of(2, 0, 0, 0), octets('a', 32)) },
          notify(16396),
          notify(SUPPORTED, supported()),
        ]),
        ...everyWay(REQUEST, [notify(ADD, newer), ...NATD, COOKIE]),
        ...everyWay(RESPONSE, [...NATD, COOKIE, notify(PATH_STATUS, status(1, 3))]),
        ...everyWay({ ...REQUEST, fromInitiator: false }, [COOKIE]),
        ...everyWay({ ...RESPONSE, fromInitiator: true }, [COOKIE]),
        ...everyWay({ ...REQUEST, exchange: 36 }, [{ type: 40, body: octets('nonce', 32) }, notify(ADD, newer)]),
        ...everyWay(REQUEST, [notify(UPDATE, concat(newer, older)), COOKIE]),
        ...everyWay(REQUEST, [notify(REMOVE, older), COOKIE]),
        ...everyWay(REQUEST, [notify(UPDATE), ...NATD, COOKIE]),
        ...everyWay(REQUEST, [COOKIE, COOKIE]),
        ...everyWay(REQUEST, [COOKIE, { type: 43, body: octets('vendor', 8) }]),
        ...everyWay(REQUEST, [notify(ADD, newer), notify(REMOVE, older)]),
      ]);
      const events = shown.map((cells) => cells[2]!).filter((event) => event !== '');
      expect([...new Set(events)]).toEqual(['supported', 'add', 'status', 'check', 'update', 'remove', 'add;remove']);
      // of fragments only the last one shows anything
      expect(events.filter((event) => event === 'update')).toHaveLength(3);
    });

    test('on what two charons say', async () => {
      const folder = join(import.meta.dirname, 'fixtures', 'strongswan-mobikex');
      const keys = parseIkeTable(readFileSync(join(folder, 'keys', 'ikev2_decryption_table'), 'utf8'));
      const shown = await compareFile(join(folder, 'capture.pcap'), keys);
      const events = shown.map((cells) => cells[2]).filter((event) => event !== '');
      expect(events).toEqual(['supported', 'supported', 'add', 'status', 'check', 'add', 'update', 'status', 'remove', 'status']);
    });

    test('on addresses of every form, and of none', async () => {
      const v6 = [
        '2001:db8::2',
        '2001:db8:0:1::',
        '::1',
        '::2',
        'fe80::1:0:0:1',
        '1:0:0:2::3',
        '2001:0:0:1:0:0:0:1',
        '::a02:2',
        '::ffff:0:a02:2',
        '64:ff9b::a02:2',
      ];
      const wrong = ['::', '::ffff:a02:2', 'ff02::1'];
      const v4 = ['1.0.0.0', '223.255.255.255', '0.0.0.0', '0.1.1.1', '224.0.0.1', '255.255.255.255'];
      const shown = await compare(
        [...v6, ...wrong, ...v4].map((text) => clearIke(KEYS, REQUEST, [notify(ADD, parameter(NEW_SENDER, 1, text))])),
      );
      expect(shown.filter((cells) => cells[4] !== '')).toHaveLength(wrong.length + 4);
    });

    test('on everything that is wrong', async () => {
      const all = [older, newer, parameter(OLD_PEER, 0, '10.3.0.2'), parameter(NEW_PEER, 0, '10.3.0.3')];
      const datas: [number, Buffer][] = [
        ...[0, 5, 255].map((role): [number, Buffer] => [ADD, parameter(role, 1, '10.2.0.2')]),
        ...[{ type: 1 }, { family: 2 }, { family: 6 }, { length: 0 }, { length: 17 }, { length: 0xffff }, { family: 6, length: 28 }].map(
          (options): [number, Buffer] => [ADD, parameter(NEW_SENDER, 1, '10.2.0.2', options)],
        ),
        [ADD, Buffer.alloc(0)],
        [ADD, concat(older, newer)],
        [REMOVE, newer],
        [UPDATE, newer],
        [UPDATE, concat(older, older)],
        [UPDATE, concat(...all)],
        [UPDATE, concat(...all, older)],
        [UPDATE, concat(older, newer, Buffer.of(0))],
        ...[0, 3, 5, 70].map((size): [number, Buffer] => [PATH_STATUS, Buffer.alloc(size)]),
        [PATH_STATUS, status(7, 99)],
        ...[0, 7].map((size): [number, Buffer] => [SUPPORTED, supported().subarray(0, size)]),
        [SUPPORTED, supported(0)],
        [SUPPORTED, supported(4, 3, 2)],
        [SUPPORTED, supported(4, 3, 1, 'else')],
        [SUPPORTED, concat(supported(255, 255), Buffer.alloc(4))],
        ...Array.from({ length: 43 }, (_, size): [number, Buffer] => [
          UPDATE,
          concat(older, parameter(NEW_SENDER, 1, '2001:db8::2')).subarray(0, size + 1),
        ]),
      ];
      const shown = await compare(datas.map(([type, data]) => clearIke(KEYS, REQUEST, [notify(type, data)])));
      expect(shown.filter((cells) => cells[4] !== '').length).toBe(datas.length - 2);
    });

    test('on valid contents with octets changed at random, cut, and continued', async () => {
      const valid = [supported(), status(1, 3), newer, older, concat(older, newer), parameter(NEW_SENDER, 1, '2001:db8::2')];
      const types = [SUPPORTED, ADD, REMOVE, PATH_STATUS, UPDATE];
      const messages = Array.from({ length: 1500 }, (_, i) => {
        const [which, at, octet, size, type] = octets(`fuzz ${i}`, 5) as unknown as [number, number, number, number, number];
        const data = Buffer.from(valid[which % valid.length]!);
        if (i % 3 > 0) data[at % data.length] = octet;
        const cut =
          i % 5 === 0 ? data.subarray(0, size % (data.length + 1)) : i % 5 === 1 ? concat(data, octets(`more ${i}`, size % 40)) : data;
        return clearIke(KEYS, REQUEST, [notify(types[type % types.length]!, cut)]);
      });
      const shown = await compare(messages);
      expect(shown.filter((cells) => cells[4] === '' && cells[2] !== '').length).toBeGreaterThan(100);
    });

    test('and survives messages whose lengths lie', () => {
      const message = clearIke(KEYS, REQUEST, [
        notify(ADD, newer),
        notify(UPDATE, concat(older, newer)),
        notify(PATH_STATUS, status(1, 0)),
        COOKIE,
      ]);
      const messages = Array.from({ length: 1500 }, (_, i) => {
        const broken = Buffer.from(message);
        for (const at of octets(`at ${i}`, 1 + (i % 3))) broken[28 + (at % (message.length - 28))] = octets(`octet ${i} ${at}`, 1)[0]!;
        return i % 4 === 0 ? broken.subarray(0, 28 + (i % (message.length - 28))) : broken;
      });
      const shown = tshark(capture('lies.pcap', messages), []);
      expect(shown).toHaveLength(messages.length);
      expect(shown.filter((cells) => cells[1] !== '')).toEqual([]);
      expect(shown.filter((cells) => cells[2] !== '').length).toBeGreaterThan(100);
    });

    test('and its fields filter', () => {
      const path = capture('filter.pcap', [
        clearIke(KEYS, REQUEST, [notify(ADD, newer)]),
        clearIke(KEYS, REQUEST, [notify(ADD, parameter(NEW_SENDER, 2, '2001:db8::2'))]),
        clearIke(KEYS, RESPONSE, [notify(PATH_STATUS, status(1, 8))]),
        clearIke(KEYS, REQUEST, [COOKIE]),
        clearIke(KEYS, REQUEST, [notify(16396)]),
      ]);
      const texts = (filter: string) => tshark(path, [], ['-Y', filter]).map((cells) => cells[3]);
      expect(texts('mobikex')).toHaveLength(4);
      expect(texts('mobikex.event == "check"')).toEqual(['path check']);
      expect(texts('mobikex.ipv4 == 10.2.0.0/16')).toEqual(['ADD_SA_ADDRESS path 1 10.2.0.2:61000']);
      expect(texts('mobikex.ipv6 == 2001:db8::/32 && mobikex.role == 2')).toEqual(['ADD_SA_ADDRESS path 2 [2001:db8::2]:4500']);
      expect(texts('mobikex.path == 1 && mobikex.status != 0')).toEqual(['PATH_STATUS 1 busy']);
      expect(texts('mobikex.address == "10.2.0.2"')).toHaveLength(1);
    });
  },
);
