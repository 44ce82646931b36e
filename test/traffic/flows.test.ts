/** The traffic thread itself, on loopback: entering the namespace it is in already needs root. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  AF,
  bind,
  close,
  nanosecondsSince,
  poll,
  realtime,
  receive,
  SO_RCVBUF,
  SOCK,
  SOL_SOCKET,
  sendTo,
  setOption,
  socket,
  socketAddress,
} from '../../src/host/libc.ts';
import { waitFor } from '../../src/host/wait.ts';
import { Traffic } from '../../src/traffic/flows.ts';
import { initPayload, readPayload, stampPayload } from '../../src/traffic/payload.ts';
import type { UdpEndpoint } from '../../src/traffic/protocol.ts';
import { twoNodes } from '../host/two-nodes.ts';

const HERE = '/proc/self/ns/net';
const port = 22_000 + (process.pid % 9000);
const endpoint = (more: Partial<UdpEndpoint> = {}): UdpEndpoint => ({
  ...{ index: 4, name: 'up', source: '127.0.0.1', destination: '127.0.0.2', port, rate: 1000, size: 64, phase: 0.5 },
  ...{ fromNamespace: HERE, toNamespace: HERE, ...more },
});
const sockets = () => readdirSync('/proc/self/fd').filter((fd) => socketOf(fd)).length;
function socketOf(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
  } catch {
    return false; // the descriptor of the listing itself
  }
}

describe.runIf(process.getuid?.() === 0)('on loopback', () => {
  test('every packet of the schedule is sent and arrives, in order, stamped after it was sent', async () => {
    const traffic = new Traffic();
    const { seconds: epoch } = realtime();
    const down = endpoint({ index: 9, name: 'down', port: port + 1, rate: 100, phase: 0 });
    await traffic.open([endpoint(), down], epoch);
    const at = nanosecondsSince(epoch) + 50e6;
    const {
      flows: [up, other],
    } = await traffic.run(at, at + 50e6, 200e6);
    expect([up!.name, up!.sent, other!.name, other!.sent]).toEqual(['up', 50, 'down', 5]);
    expect(up!.refused).toEqual({});
    expect(up!.deliveries.map(([sequence]) => sequence)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    for (const [sequence, sent, received] of up!.deliveries) {
      expect(sent).toBeGreaterThanOrEqual(at + (sequence + 0.5) * 1e6);
      expect(received).toBeGreaterThanOrEqual(sent);
    }
    await traffic.close();
  });

  test('a packet is stamped again when it has been read, if that is asked', async () => {
    const traffic = new Traffic();
    const { seconds: epoch } = realtime();
    await traffic.open([endpoint({ stampRead: true })], epoch);
    const at = nanosecondsSince(epoch) + 500e6; // the kernel begins to stamp packets some time after the first socket asks for it
    const { flows } = await traffic.run(at, at + 20e6, 200e6);
    expect(flows[0]!.deliveries).toHaveLength(20);
    for (const [, , received, read] of flows[0]!.deliveries) expect(read).toBeGreaterThanOrEqual(received);
    await traffic.close();
  });

  test('a flow that cannot be opened is E_TRAFFIC, names the address and leaves no socket', async () => {
    const traffic = new Traffic();
    await traffic.open([], 0);
    const before = sockets();
    const opening = traffic.open([endpoint(), endpoint({ port: port + 2, source: '192.0.2.1' })], 0);
    await expect(opening).rejects.toMatchObject({ code: 'E_TRAFFIC', message: 'traffic: UDP socket on 192.0.2.1 port 0: bind: errno 99' });
    expect(sockets()).toBe(before);
    await traffic.close();
  });
});

/** A client that sends numbers of flow `index` to the engine's receiver, and reads what answers. */
class Client {
  readonly #fd = socket(AF.INET, SOCK.DGRAM, 0);
  readonly #room = Buffer.alloc(2048);

  constructor(address: string) {
    setOption(this.#fd, SOL_SOCKET, SO_RCVBUF, 4 << 20);
    bind(this.#fd, socketAddress(address, 0));
  }

  send(index: number, sequence: number): void {
    const packet = Buffer.alloc(64);
    initPayload(packet, index);
    stampPayload(packet, sequence, 1, 0);
    sendTo(this.#fd, packet, socketAddress('127.0.0.9', port));
  }

  /** Numbers of what is waiting. */
  read(): number[] {
    const numbers: number[] = [];
    for (let got = receive(this.#fd, this.#room); got > 0; got = receive(this.#fd, this.#room)) {
      numbers.push(readPayload(this.#room, got, 0)!.sequence);
    }
    return numbers;
  }

  /** Numbers of what is waiting, once something is. */
  answered(): number[] {
    if (!poll([this.#fd], 10e9)) throw new Error('no answer for 10 s');
    return this.read();
  }

  close(): void {
    close(this.#fd);
  }
}

describe.runIf(process.getuid?.() === 0)('a flow that answers another', () => {
  // so slow that its own sender, the third client, stays silent
  const asked = endpoint({ index: 0, rate: 0.01, phase: 0.99, destination: '127.0.0.9' });
  const answer = endpoint({ index: 1, name: 'down', answers: 0, source: '127.0.0.9', rate: 200, port: port + 1, phase: 0 });

  test('goes where the highest number came from, and begins with 0 when there is somewhere to go', async () => {
    const traffic = new Traffic();
    const clients = [new Client('127.0.0.2'), new Client('127.0.0.3')] as const;
    const [one, two] = clients;
    const { seconds: epoch } = realtime();
    await traffic.open([answer, asked], epoch); // in whatever order
    const at = nanosecondsSince(epoch);
    const running = traffic.run(at, at + 1.5e9, 0);
    await waitFor('places in the schedule that pass unused', () => nanosecondsSince(epoch) > at + 50e6);
    expect([...one.read(), ...two.read()]).toEqual([]);
    one.send(7, 0); // another flow's
    one.send(0, 4);
    const first = one.answered();
    expect(first[0]).toBe(0);
    two.send(0, 5);
    const second = two.answered();
    first.push(...one.read());
    expect(second[0]).toBe(first.length);
    one.send(0, 3); // late, over the old path
    second.push(...two.answered(), ...two.answered());
    const {
      flows: [down, up],
    } = await running;
    second.push(...two.read());
    expect(one.read()).toEqual([]);
    expect([...first, ...second]).toEqual(Array.from({ length: down!.sent }, (_, i) => i));
    expect(down!.sent).toBeLessThan(1.45 * 200);
    expect(up).toMatchObject({ sent: 0, deliveries: [[4], [5], [3]].map(([n]) => [n, expect.any(Number), expect.any(Number)]) });
    await traffic.close();
    for (const client of clients) client.close();
  });

  test('sends from the other’s destination and port, and is received at the other’s sender', async () => {
    const traffic = new Traffic();
    const before = sockets();
    const { seconds: epoch } = realtime();
    await traffic.open([{ ...asked, rate: 100, phase: 0 }, answer], epoch);
    expect(sockets()).toBe(before + 2);
    const hex = (number: number) => number.toString(16).toUpperCase().padStart(4, '0');
    const bound = readFileSync('/proc/self/net/udp', 'utf8');
    for (const at of [`0900007F:${hex(port)} `, `0100007F:${hex(answer.port)} `]) expect(bound).toContain(at);
    const at = nanosecondsSince(epoch);
    const {
      flows: [up, down],
    } = await traffic.run(at, at + 200e6, 200e6);
    expect(up!.sent).toBe(20);
    expect(down!.sent).toBeGreaterThan(30);
    for (const flow of [up!, down!]) expect(flow.deliveries.map(([n]) => n)).toEqual(Array.from({ length: flow.sent }, (_, i) => i));
    expect(sockets()).toBe(before);
    await traffic.close();
  });

  test.each([7, 1])('cannot be opened when it answers flow %i, which is not there or is itself', async (answers) => {
    const traffic = new Traffic();
    await traffic.open([], 0);
    const before = sockets();
    await expect(traffic.open([asked, { ...answer, answers }], 0)).rejects.toMatchObject({
      message: `traffic: flow down answers flow ${answers}, which does not send by itself`,
    });
    expect(sockets()).toBe(before);
    await traffic.close();
  });
});

describe.runIf(process.getuid?.() === 0)('between two nodes', () => {
  const cases = [
    { family: 'IPv4', server: '10.9.0.1/32', old: '10.1.0.1/24', fresh: '10.2.0.1/24' },
    { family: 'IPv6', server: 'fd00:9::1/128', old: 'fd00:1::1/64', fresh: 'fd00:2::1/64' },
  ];
  const plain = (prefix: string) => prefix.slice(0, prefix.indexOf('/'));

  test.each(cases)('a sender without an address goes on from a new one, and the answers follow it ($family)', async (c) => {
    const lab = await twoNodes();
    const ip = (node: string, ...lines: string[]) => lab.exec(null, ['ip', '-n', node, '-batch', '-'], { input: `${lines.join('\n')}\n` });
    const nodad = c.server.includes(':') ? ' nodad' : '';
    const towards = (source: string) => `route replace ${c.server} dev eth0 src ${plain(source)}`;
    await ip('theirs', 'link set dev eth0 up', `addr add ${c.server} dev eth0${nodad}`);
    await ip('ours', 'link set dev eth0 up', `addr add ${c.old} dev eth0${nodad}`, `addr add ${c.fresh} dev eth0${nodad}`, towards(c.old));
    await ip('theirs', ...[c.old, c.fresh].map((prefix) => `route add ${plain(prefix)} dev eth0`));
    const ends = { source: null, destination: plain(c.server), rate: 500, phase: 0 };
    const up = endpoint({ ...ends, index: 0, fromNamespace: lab.netnsPath('ours'), toNamespace: lab.netnsPath('theirs') });
    const down = endpoint({
      ...{ ...ends, index: 1, name: 'down', answers: 0, port: port + 1 },
      ...{ fromNamespace: up.toNamespace, toNamespace: up.fromNamespace },
    });
    const traffic = new Traffic();
    const { seconds: epoch } = realtime();
    await traffic.open([up, down], epoch);
    const at = nanosecondsSince(epoch);
    const running = traffic.run(at, at + 1.5e9, 300e6);
    await waitFor('the middle of the flows', () => nanosecondsSince(epoch) > at + 300e6);
    await ip('ours', towards(c.fresh), `addr del ${c.old} dev eth0`);
    const moved = nanosecondsSince(epoch);
    for (const { sent, refused, deliveries } of (await running).flows) {
      expect(refused).toEqual({});
      const after = deliveries.filter(([, when]) => when > moved);
      expect(after.at(-1)?.[0]).toBe(sent - 1);
    }
    await traffic.close();
    await lab.close();
  });
});
