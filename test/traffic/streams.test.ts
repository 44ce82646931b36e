/** Messages over MPTCP, on the loopback of this kernel; SCTP, which few kernels of hosts have, is tested in the guest (test/lab). */
import { readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { nanosecondsSince, realtime } from '../../src/host/libc.ts';
import { loadMptcp, loadSctp } from '../../src/host/sctp.ts';
import { Traffic } from '../../src/traffic/flows.ts';
import type { StreamEndpoint } from '../../src/traffic/protocol.ts';

const HERE = '/proc/self/ns/net';
const port = 32_000 + (process.pid % 9000);
const stream = (more: Partial<StreamEndpoint> = {}): StreamEndpoint => ({
  ...{ protocol: 'mptcp', index: 3, name: 'data', sources: ['127.0.0.1'], destinations: ['127.0.0.2'], port, client: 'sender' },
  ...{ rate: 1000, size: 500, phase: 0, fromNamespace: HERE, toNamespace: HERE, ...more },
});
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

function sockets(): number {
  const opened = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ''; // the descriptor of the listing itself
    }
  });
  return opened.filter((name) => name.startsWith('socket:')).length;
}

function loads(load: () => void): boolean {
  try {
    load();
    return true;
  } catch {
    return false;
  }
}

/** Runs these flows for `seconds`, and `drain` more. */
async function ran(flows: StreamEndpoint[], seconds: number, drain = 0.1) {
  const traffic = new Traffic();
  const { seconds: epoch } = realtime();
  await traffic.open(flows, epoch);
  const at = nanosecondsSince(epoch) + 20e6;
  const { flows: results } = await traffic.run(at, at + seconds * 1e9, drain * 1e9);
  await traffic.close();
  return { at, results };
}

const mptcp = process.getuid?.() === 0 && loads(loadMptcp);

describe.runIf(mptcp)('MPTCP', () => {
  test.each(['sender', 'receiver'] as const)('every message of the schedule arrives, in order, when the %s opens it', async (client) => {
    const { at, results } = await ran([stream({ client })], 0.1);
    const [flow] = results;
    expect(flow).toMatchObject({ name: 'data', sent: 100, refused: {} });
    expect(flow!.deliveries.map(([n]) => n)).toEqual(numbers(100));
    for (const [n, sent, received] of flow!.deliveries) {
      expect(sent).toBeGreaterThanOrEqual(at + n * 1e6 - 1000);
      expect(received).toBeGreaterThan(sent);
    }
  });

  test('IPv6, with records larger than a read', async () => {
    const { results } = await ran([stream({ sources: ['::1'], destinations: ['::1'], size: 100_000, rate: 200 })], 0.1);
    expect(results[0]!.deliveries.map(([n]) => n)).toEqual(numbers(20));
  });

  test('without a rate the socket is kept full, and a flow beside it keeps its schedule', async () => {
    const { at, results } = await ran([stream({ rate: 0, size: 1400 }), stream({ index: 4, name: 'steady', port: port + 1 })], 0.2, 0.3);
    const [bulk, steady] = results;
    expect(bulk!.sent).toBeGreaterThan(1000);
    expect(bulk!.deliveries.map(([n]) => n)).toEqual(numbers(bulk!.sent));
    expect(Math.max(...bulk!.deliveries.map(([, sent]) => sent))).toBeLessThan(at + 0.3e9);
    expect(steady!.deliveries.map(([n]) => n)).toEqual(numbers(200));
  });

  test('nobody there is E_TRAFFIC, says who refused, and leaves no socket', async () => {
    const traffic = new Traffic();
    await traffic.open([], 0);
    const before = sockets();
    await expect(traffic.open([stream(), stream({ port: port + 2, sources: ['192.0.2.1'] })], 0)).rejects.toMatchObject({
      code: 'E_TRAFFIC',
      message: `traffic: mptcp data from 192.0.2.1 to 127.0.0.2 port ${port + 2}: socket on 192.0.2.1 port 0: bind: address not available (EADDRNOTAVAIL)`,
    });
    expect(sockets()).toBe(before);
    await traffic.open([stream({ port: port + 3 })], 0);
    expect(sockets()).toBe(before + 3);
    const { flows } = await traffic.run(0, 0, 0);
    expect(flows[0]).toMatchObject({ sent: 0, deliveries: [] });
    expect(sockets()).toBe(before);
    await traffic.close();
  });
});

test.runIf(process.getuid?.() === 0)('a change of addresses of a flow that has none is E_TRAFFIC', async () => {
  const traffic = new Traffic();
  await traffic.open([], 0);
  const change = { flow: 3, at: 0, action: 'add', address: '127.0.0.3', end: 'sender' } as const;
  await expect(traffic.run(0, 0, 0, [change])).rejects.toMatchObject({ message: 'traffic: flow 3 has no addresses to change' });
  await traffic.close();
});

test.runIf(!loads(loadSctp))('a kernel without SCTP is E_SCTP', () => {
  expect(loadSctp).toThrow(
    expect.objectContaining({ code: 'E_SCTP', exit: 3, message: expect.stringContaining('this kernel has no SCTP') }),
  );
});
