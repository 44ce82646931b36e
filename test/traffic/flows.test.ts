/** The traffic thread itself, on loopback: entering the namespace it is in already needs root. */
import { readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { nanosecondsSince, realtime } from '../../src/host/libc.ts';
import { Traffic } from '../../src/traffic/flows.ts';
import type { UdpEndpoint } from '../../src/traffic/protocol.ts';

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
    const [up, other] = await traffic.run(at, at + 50e6, 200e6);
    expect([up!.name, up!.sent, other!.name, other!.sent]).toEqual(['up', 50, 'down', 5]);
    expect(up!.refused).toEqual({});
    expect(up!.deliveries.map(([sequence]) => sequence)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    for (const [sequence, sent, received] of up!.deliveries) {
      expect(sent).toBeGreaterThanOrEqual(at + (sequence + 0.5) * 1e6);
      expect(received).toBeGreaterThanOrEqual(sent);
    }
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
