/** The control socket, and what it does not let through. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BadRequest, readRequest } from '../../src/helper/check.ts';
import { HelperClient } from '../../src/helper/client.ts';
import { Lines } from '../../src/helper/lines.ts';
import { ControlServer } from '../../src/helper/server.ts';
import type { HelperAnswer, HelperRequest } from '../../src/types/helper.ts';
import { firstZone, tunnelKeys } from './build/keys.ts';
import { agentAt, HA, MAIN, MN, tunnelAt } from './build/nodes.ts';

const OPEN: HelperRequest = { do: 'open', setup: { tunnels: [tunnelAt('mn')], agent: agentAt(), profile: true } };
const { send } = tunnelKeys('tun0', MN, HA);
const KEYS: HelperRequest = {
  do: 'keys',
  tunnels: [tunnelKeys('tun0', MN, HA, { ipsec: true })],
  agent: { csas: [firstZone(send)], writer: 3 },
};

describe('requests', () => {
  test.each([OPEN, KEYS, { do: 'statistics' }, { do: 'stop' }] as HelperRequest[])('$do is read as it is meant', (request) => {
    expect(readRequest(JSON.stringify(request))).toEqual(request);
  });

  test.each([
    ['no JSON', 'hello', 'request: must be one JSON object per line'],
    ['no object', '[]', 'request: must be an object'],
    ['nothing known', '{"do":"dance"}', 'request.do: must be one of open, keys, statistics, stop'],
    ['no setup', '{"do":"open"}', 'setup: must be an object'],
  ])('%s', (_, line, message) => expect(() => readRequest(line)).toThrow(message));

  const withTunnel = (more: object) => ({ do: 'open', setup: { tunnels: [{ ...tunnelAt('mn'), ...more }], agent: null, profile: false } });
  test.each([
    [{ name: '../x' }, 'setup.tunnels[0].name: must be the name of an interface'],
    [{ local: '::1' }, 'setup.tunnels[0].local: must be an IPv4 address'],
    [{ localInner: '10.0.0.0/33' }, 'setup.tunnels[0].localInner: must be an IPv4 network'],
    [{ mtu: 10 }, 'setup.tunnels[0].mtu: must be 68 to 65000'],
    [{ mode: 'transport', encapsulation: 'udp' }, 'transport mode is ESP in IP, and never dynamic'],
    [{ speed: 'fast' }, 'fast takes encapsulation udp'],
    [{ dynamic: { everyNth: 0, otherwise: 'plain', perFlow: [] } }, 'setup.tunnels[0].dynamic.everyNth: must be 1 to 2147483647'],
  ])('%j', (more, message) => expect(() => readRequest(JSON.stringify(withTunnel(more)))).toThrow(message));

  test('two interfaces of one name', () => {
    const setup = { tunnels: [tunnelAt('mn')], agent: agentAt({ tun: 'tun0' }), profile: false };
    expect(() => readRequest(JSON.stringify({ do: 'open', setup }))).toThrow('two interfaces of one name');
  });

  test('no message shows what may be a key', () => {
    const secret = 'c0ffee'.repeat(7);
    for (const material of [`${secret}x`, [secret], { [secret]: secret }]) {
      const keys = { ...send, sas: [{ ...send.sas[0], material }] };
      const line = JSON.stringify({ do: 'keys', tunnels: [{ tunnel: 'tun0', send: keys, receive: keys, ipsec: null }], agent: null });
      expect(() => readRequest(line)).toThrow(BadRequest);
      expect(() => readRequest(line)).not.toThrow('c0ffee');
    }
  });

  test('one key for two SAs is refused: they would write the same nonces', () => {
    const keys = tunnelKeys('tun0', MN, HA);
    const [first, second] = keys.send.sas;
    const read = (more: object) => readRequest(JSON.stringify({ do: 'keys', tunnels: [{ ...keys, ...more }], agent: null }));
    expect(() => read({ receive: keys.send })).toThrow('two SAs have one key');
    const upper = first!.material.toUpperCase();
    expect(() => read({ send: { ...keys.send, sas: [first, { ...second, material: upper }] } })).toThrow('two SAs have one key');
    expect(() => read({})).not.toThrow();
  });

  test('anything else is refused with words, never with another error', () => {
    const mutated = fc.tuple(fc.constantFrom(OPEN, KEYS), fc.jsonValue(), fc.nat()).map(([request, value, where]) => {
      const text = JSON.stringify(request);
      const colons = [...text.matchAll(/":/g)].map(({ index }) => index + 2);
      const at = colons[where % colons.length]!;
      return `${text.slice(0, at)}${JSON.stringify(value)}${text.slice(at)}`.replace(/(:(?:"[^"]*"|[^,{}[\]]+))(?="|[[{])/, '$1,"x":');
    });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.json(), fc.string()), (line) => {
        try {
          readRequest(line);
        } catch (error) {
          expect(error).toBeInstanceOf(BadRequest);
        }
      }),
    );
  });
});

describe('lines', () => {
  test('come out as they went in, however they are cut', () => {
    const texts = fc.array(
      fc.string({ maxLength: 30 }).filter((text) => !text.includes('\n')),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 7 }), (lines, size) => {
        const octets = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const reader = new Lines();
        const got: string[] = [];
        for (let at = 0; at < octets.length; at += size)
          got.push(...(reader.push(Buffer.from(octets.subarray(at, at + size))) ?? ['too long']));
        expect(got).toEqual(lines);
      }),
    );
  });

  test('leave no octets behind, neither of what came nor of what was put together', () => {
    const reader = new Lines();
    const concat = vi.spyOn(Buffer, 'concat');
    const parts = [Buffer.from('sec'), Buffer.from('ret\n')];
    expect(parts.flatMap((part) => reader.push(part))).toEqual(['secret']);
    const whole = concat.mock.results.map(({ value }) => value as Buffer);
    concat.mockRestore();
    expect(whole.map((octets) => octets.toString('hex'))).toEqual(['000000000000']);
    expect(parts.map((part) => part.toString('hex'))).toEqual(['000000', '0000000a']);
  });

  test('have a limit', () => {
    const reader = new Lines(10);
    expect(reader.push(Buffer.from('0123456789\n'))).toEqual(['0123456789']);
    expect(reader.push(Buffer.from('01234'))).toEqual([]);
    expect(reader.push(Buffer.from('567890'))).toBeNull();
  });
});

describe('the socket', () => {
  let folder: string;
  let path: string;
  let server: ControlServer;
  const seen: HelperRequest[] = [];
  let answer: (request: HelperRequest) => Promise<HelperAnswer>;
  let stopped = 0;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'roamlab-control-'));
    path = join(folder, 'helper.sock');
    seen.length = 0;
    stopped = 0;
    answer = async () => ({ ok: true });
    server = new ControlServer(
      (request) => {
        seen.push(request);
        return answer(request);
      },
      () => {
        stopped += 1;
      },
    );
    await server.listen(path);
  });
  afterEach(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the helper says to these octets, until it says as many lines, or hangs up. */
  const say = (octets: string | Buffer, lines: number) =>
    new Promise<HelperAnswer[]>((resolve) => {
      const socket = connect(path);
      let text = '';
      const done = () => {
        socket.destroy();
        resolve(
          text
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as HelperAnswer),
        );
      };
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.split('\n').length > lines) done();
      });
      socket.on('close', done);
      socket.on('error', done);
      socket.write(octets);
    });

  test('is for its owner only', () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('requests are answered in order, wrong ones with a code', async () => {
    const answers = await say(`${JSON.stringify(OPEN)}\nnonsense\n\n${JSON.stringify({ do: 'statistics' })}\n`, 3);
    expect(answers).toEqual([{ ok: true }, { ok: false, code: 'bad-request', message: expect.any(String) }, { ok: true }]);
    expect(seen).toEqual([OPEN, { do: 'statistics' }]);
  });

  test('a line that never ends is refused, and nothing else suffers', async () => {
    expect(await say(Buffer.alloc(3 << 20, 65), 1)).toMatchObject([{ ok: false, code: 'bad-request' }]);
    expect(await say('{"do":"statistics"}\n', 1)).toEqual([{ ok: true }]);
  });

  test('too many requests at once are refused', async () => {
    const answers = await say('{"do":"statistics"}\n'.repeat(1000), 1);
    expect(answers[0]).toMatchObject({ ok: false, message: 'more than 64 requests wait' });
  });

  test('who does not read its answers is hung up on, and keeps nobody waiting', async () => {
    const pad = 'x'.repeat(1 << 18);
    answer = async () => ({ ok: false, code: 'failed', message: pad });
    const deaf = connect(path).pause();
    deaf.on('error', () => {});
    deaf.write('{"do":"statistics"}\n'.repeat(60));
    await expect.poll(() => seen.length).toBe(60);
    answer = async () => ({ ok: true });
    expect(await say('{"do":"statistics"}\n', 1)).toEqual([{ ok: true }]);
    await new Promise((resolve) => {
      deaf.resume().on('close', resolve);
    });
  });

  test('a client gets what the helper says, its refusals as errors', async () => {
    const client = await HelperClient.connect(path);
    answer = async ({ do: what }) =>
      what === 'open'
        ? { ok: false, code: 'failed', message: 'no TUN' }
        : { ok: true, statistics: { tunnels: {}, agent: null, stages: {} } };
    await expect(client.open(OPEN.setup)).rejects.toMatchObject({ code: 'E_HELPER', message: 'helper: no TUN (failed)' });
    expect(await client.statistics()).toEqual({ tunnels: {}, agent: null, stages: {} });
    await client.stop();
    expect(stopped).toBe(1);
  });

  test('a client waits for no helper that will not come', async () => {
    await expect(HelperClient.connect(join(folder, 'none'), { timeout: 50 })).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    const alive = () => {
      throw new Error('it ended');
    };
    await expect(HelperClient.connect(join(folder, 'none'), { alive })).rejects.toThrow('it ended');
  });

  test('a client does not wait for ever, nor for one that is gone', async () => {
    const client = await HelperClient.connect(path);
    answer = () => new Promise(() => {});
    await expect(client.request({ do: 'statistics' }, 50)).rejects.toThrow('no answer to `statistics` within 0.05 s');
    await expect(client.request({ do: 'statistics' })).rejects.toMatchObject({ code: 'E_HELPER' });
  });

  test('an answer that is none ends the client and nothing else', async () => {
    const babbler = createServer((socket) => socket.on('data', () => socket.write('not json\n')));
    const other = join(folder, 'babbler.sock');
    await new Promise<void>((resolve) => {
      babbler.listen(other, resolve);
    });
    const client = await HelperClient.connect(other);
    await expect(client.statistics()).rejects.toMatchObject({ code: 'E_HELPER', message: expect.stringContaining('cannot be read') });
    babbler.close();
  });

  test.each([
    ['without a path', [], 'takes one argument'],
    ['with more than one', ['/tmp/a', '/tmp/b'], 'takes one argument'],
    ['with a relative path', ['helper.sock'], 'takes one argument'],
    ['where there is no folder', ['/nowhere/helper.sock'], 'cannot listen at /nowhere/helper.sock'],
  ])('the program does not start %s', (_, argv, message) => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...argv], { encoding: 'utf8' });
    expect(stderr).toContain(message);
    expect(status).toBe(1);
  });

  test('what lies at the path already stays there', async () => {
    const second = new ControlServer(
      async () => ({ ok: true }),
      () => {},
    );
    await expect(second.listen(path)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(second.listen(join(folder, 'no/folder'))).rejects.toMatchObject({ code: 'EACCES' });
  });
});
