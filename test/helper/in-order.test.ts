/** Dynamic mode: what is in zones and what is in clear comes by two sockets, and leaves in the order in which it came. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Descriptors, openEnd } from '../../src/helper/descriptors.ts';
import { InOrder, type Receiving } from '../../src/helper/end/in-order.ts';
import { endStation } from '../../src/helper/end/station.ts';
import { burst, type Station } from '../../src/helper/station.ts';
import { AF, bind, inNetworkNamespace, poll, receive, SOCK, sendTo, socket, socketAddress } from '../../src/host/libc.ts';
import type { DynamicSettings } from '../../src/types/experiment.ts';
import type { HelperTunnel } from '../../src/types/helper.ts';
import { tunnelKeys } from './build/keys.ts';
import { HA_INNER, MN_INNER, missing, Nodes, tunnelAt } from './build/nodes.ts';

/** A socket as a list of arrival times, ns; negative: an error. `onEmpty` is called when it was found empty. */
function scripted(name: string, waiting: number[], log: string[], onEmpty = () => {}): Receiving {
  const arrival = { seconds: 0, nanoseconds: 0 };
  const source: Receiving = {
    ...{ fd: -1, arrival, take: () => false },
    receive() {
      const next = waiting.shift();
      if (next === undefined) onEmpty();
      else arrival.nanoseconds = next;
      return next ?? 0;
    },
    handle: () => log.push(`${name}${arrival.nanoseconds}`),
  };
  return source;
}

describe('two queues', () => {
  const all = (a: (log: string[]) => Receiving, b: (log: string[]) => Receiving) => {
    const log: string[] = [];
    const both = new InOrder(a(log), b(log), () => {});
    while (both.sources[1]!.take());
    expect(both.holds).toBe(false);
    return log.join(' ');
  };

  test('the older first', () => {
    expect(
      all(
        (log) => scripted('a', [3, 4, 9], log),
        (log) => scripted('b', [1, 5, 6, 10], log),
      ),
    ).toBe('b1 a3 a4 b5 b6 a9 b10');
  });

  test('what came to one while the other was looked at', () => {
    const late: number[] = [];
    let isFirst = true;
    expect(
      all(
        (log) =>
          scripted('a', late, log, () => {
            if (isFirst) late.push(1);
            isFirst = false;
          }),
        (log) => scripted('b', [2], log),
      ),
    ).toBe('a1 b2');
  });

  test('errors hold nothing up', () => {
    expect(
      all(
        (log) => scripted('a', [-1, -1, 2], log),
        (log) => scripted('b', [-1, 1], log),
      ),
    ).toBe('b1 a2');
  });
});

const why = missing();
describe.skipIf(why !== null)(`with /dev/net/tun and root${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let nodes: Nodes;
  beforeAll(async () => {
    nodes = new Nodes();
    await nodes.open();
  }, 90_000);
  afterAll(() => nodes.close());

  const inside = <T>(node: string, what: () => T): T => inNetworkNamespace(nodes.lab.netnsPath(node), what);

  function end(descriptors: Descriptors, node: 'mn' | 'ha', more: Partial<HelperTunnel>): Station {
    const tunnel = tunnelAt(node, more);
    const station = endStation({ role: 'both', tunnel, fds: inside(node, () => openEnd(descriptors, tunnel)), profile: false });
    const [local, remote] = [tunnel.local, tunnel.remote];
    station.setKeys({ do: 'keys', tunnel: tunnelKeys('tun0', local, remote, { ipsec: true }) });
    return station;
  }

  test.each<[string, DynamicSettings, Partial<HelperTunnel>]>([
    ['every third in zones', { everyNth: 3, otherwise: 'plain', perFlow: [] }, {}],
    ['every other, over UDP', { everyNth: 2, otherwise: 'plain', perFlow: [] }, { encapsulation: 'udp' }],
  ])('of real sockets, for a burst that waited: %s', async (_, dynamic, more) => {
    const descriptors = new Descriptors();
    const ha = end(descriptors, 'ha', { dynamic, ...more });
    const mn = end(descriptors, 'mn', { dynamic, ...more });
    await nodes.routes();
    const at = (node: string, address: string, port: number) =>
      inside(node, () => {
        const fd = descriptors.keep(socket(AF.INET, SOCK.DGRAM, 0));
        bind(fd, socketAddress(address, port));
        return fd;
      });
    const [from, to] = [at('ha', HA_INNER, 0), at('mn', MN_INNER, 4242)];
    const packets = 150;
    try {
      const payload = Buffer.alloc(100);
      for (let i = 0; i < packets; i++) {
        payload.writeUInt32BE(i);
        expect(sendTo(from, payload, socketAddress(MN_INNER, 4242))).toBe(100);
      }
      // the TUN interface, then the first socket of mn's
      while (ha.sources[0]!.take());
      const order: number[] = [];
      const buffer = Buffer.alloc(2048);
      const fds = mn.sources.map(({ fd }) => fd);
      while (order.length < packets && poll([...fds, to], 5e9)) {
        for (const source of mn.sources.slice(1)) burst(source);
        if (mn.due() === 0) mn.onDue();
        while (receive(to, buffer) > 0) order.push(buffer.readUInt32BE(0));
      }
      expect(order).toEqual(Array.from({ length: packets }, (_, i) => i));
      const { in: got } = mn.statistics().tunnel!;
      expect(got!.byMode.plain).toBeGreaterThan(packets / 3);
      expect(got!.byMode.mml).toBeGreaterThan(packets / 4);
    } finally {
      for (const station of [ha, mn]) station.close();
      descriptors.close();
    }
  });
});
