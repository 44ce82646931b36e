/** The client against a unix socket that speaks the packet layer, octet by octet where that matters. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Vici } from '../../src/ipsec/vici.ts';
import { decodeMessage, encodeMessage, encodeName, type ViciMessage } from '../../src/ipsec/vici-message.ts';

const [REQUEST, RESPONSE, UNKNOWN, REGISTER, UNREGISTER, CONFIRM, EVENT_UNKNOWN, EVENT] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
type Asked = { kind: number; name: string; message: ViciMessage };

const packet = (kind: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat([Buffer.from([kind]), ...parts]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
};
const response = (message: ViciMessage = {}) => packet(RESPONSE, encodeMessage(message));
const event = (name: string, message: ViciMessage) => packet(EVENT, encodeName(name), encodeMessage(message));

let folder = '';
let path = '';
let server: Server;
let answer: (asked: Asked, socket: Socket) => void;
const asked: Asked[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'roamlab-vici-'));
  path = join(folder, 'socket');
  asked.length = 0;
  server = createServer((socket) => {
    let buffer = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      buffer = Buffer.concat([buffer, chunk]);
      while (buffer.length >= 4 && buffer.length >= 4 + buffer.readUInt32BE(0)) {
        const body = buffer.subarray(4, 4 + buffer.readUInt32BE(0));
        buffer = buffer.subarray(4 + body.length);
        const length = body.readUInt8(1);
        const one = {
          kind: body.readUInt8(0),
          name: body.toString('utf8', 2, 2 + length),
          message: decodeMessage(body.subarray(2 + length)),
        };
        asked.push(one);
        answer(one, socket);
      }
    });
  });
  server.listen(path);
  await once(server, 'listening');
});
afterEach(async () => {
  server.close();
  await once(server, 'close');
  rmSync(folder, { recursive: true });
});

async function withClient<T>(use: (vici: Vici) => Promise<T>): Promise<T> {
  const vici = await Vici.connect(path);
  try {
    return await use(vici);
  } finally {
    vici.close();
  }
}

test('a request carries its name and message, the answer is decoded', async () => {
  answer = (_, socket) => socket.write(response({ version: '6.0.1', list: ['a', 'b'] }));
  expect(await withClient((v) => v.request('version', { x: '1', s: { y: ['2'] } }))).toEqual({ version: '6.0.1', list: ['a', 'b'] });
  expect(asked).toEqual([{ kind: REQUEST, name: 'version', message: { x: '1', s: { y: ['2'] } } }]);
});

test('packets split at every octet, and several in one piece', async () => {
  let whole = Buffer.alloc(0);
  answer = (one, socket) => {
    whole = Buffer.concat([whole, response({ n: one.name })]);
    if (one.name !== 'c') return;
    const pieces = [...whole.subarray(0, 20)].map((octet) => Buffer.from([octet]));
    const next = () => {
      const piece = pieces.shift();
      if (piece === undefined) socket.write(whole.subarray(20));
      else socket.write(piece, () => setImmediate(next));
    };
    next();
  };
  const answers = await withClient((v) => Promise.all(['a', 'b', 'c'].map((n) => v.request(n))));
  expect(answers).toEqual([{ n: 'a' }, { n: 'b' }, { n: 'c' }]);
});

test('a stream collects its events between registering and unregistering, others pass by', async () => {
  answer = (one, socket) => {
    if (one.kind === REGISTER || one.kind === UNREGISTER) socket.write(packet(CONFIRM));
    else socket.write(Buffer.concat([event('list-sa', { a: '1' }), event('log', { x: '' }), event('list-sa', { a: '2' }), response()]));
  };
  expect(await withClient((v) => v.stream('list-sas', 'list-sa', { ike: 'x' }))).toEqual([{ a: '1' }, { a: '2' }]);
  expect(asked.map((a) => [a.kind, a.name])).toEqual([
    [REGISTER, 'list-sa'],
    [REQUEST, 'list-sas'],
    [UNREGISTER, 'list-sa'],
  ]);
});

describe('refusals', () => {
  const refused = (answers: Buffer, use: (v: Vici) => Promise<unknown> = (v) => v.request('initiate')) => {
    answer = (_, socket) => socket.write(answers);
    return expect(withClient(use)).rejects;
  };

  test('charon’s own words', () =>
    refused(response({ success: 'no', errmsg: 'CHILD_SA config not found' })).toMatchObject({
      code: 'E_VICI',
      exit: 1,
      message: 'charon refused initiate: CHILD_SA config not found',
    }));
  test('no words', () => refused(response({ success: 'no' })).toMatchObject({ message: 'charon refused initiate: no reason given' }));
  test('an unknown command', () => refused(packet(UNKNOWN)).toMatchObject({ code: 'E_VICI', message: 'charon does not know initiate' }));
  test('an unknown event', () =>
    refused(packet(EVENT_UNKNOWN), (v) => v.listen('x', () => {})).toMatchObject({ message: 'charon does not know x' }));
  test('a packet of 1 GiB, before it has come', () =>
    refused(Buffer.from([0x40, 0, 0, 0])).toMatchObject({
      code: 'E_VICI',
      message: expect.stringContaining('packet of 1073741824 octets'),
    }));
  test('a packet of nothing', () => refused(Buffer.alloc(4)).toMatchObject({ message: expect.stringContaining('packet of 0 octets') }));
  test('a malformed answer', () =>
    refused(packet(RESPONSE, Buffer.from([9]))).toMatchObject({
      code: 'E_VICI',
      message: expect.stringContaining('unexpected element 9'),
    }));
  test('an event whose name is cut off', () =>
    refused(packet(EVENT, Buffer.from([200, 1]))).toMatchObject({
      code: 'E_VICI',
      message: expect.stringContaining('truncated event name'),
    }));
});

test('a socket that closes in the middle of an answer rejects everything that waits, by name', async () => {
  answer = (one, socket) => {
    if (one.name === 'b') socket.end(response({ a: 'x'.repeat(100) }).subarray(0, 50));
  };
  const outcomes = await withClient((v) => Promise.allSettled([v.request('a'), v.request('b')]));
  expect(outcomes.map((o) => o.status === 'rejected' && o.reason.message)).toEqual([
    'charon closed the vici socket during a',
    'charon closed the vici socket during b',
  ]);
});

test('a closed client refuses at once', async () => {
  const vici = await Vici.connect(path);
  vici.close();
  await expect(vici.request('version')).rejects.toMatchObject({ code: 'E_VICI', message: expect.stringContaining('is closed') });
});

test('nobody listening is E_VICI', async () => {
  await expect(Vici.connect(join(folder, 'none'))).rejects.toMatchObject({ code: 'E_VICI', message: expect.stringContaining('ENOENT') });
});
