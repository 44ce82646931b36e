import { expect, describe as group, test } from 'vitest';
import { confirmation, eventCommands, routeWords } from '../../src/mobility/commands.ts';
import { describe } from '../../src/mobility/netlink.ts';
import type { CellExperiment, LabLink, MobilityEvent, Shape } from '../../src/types/experiment.ts';
import { WIRE } from '../../src/types/wire.ts';
import { cell } from '../metrics/build.ts';
import { address, LOWER_UP, link, qdisc, route, TYPE, UP } from './build.ts';

const SHAPE: Shape = { delay: 0.01, jitter: 0, rate: 0, loss: 0, limit: 1000 };
const to = { node: 'mn', interface: 'eth1' };

/** mn:eth1 -- router:mn1, second link of the cell. */
function lab(shape: Shape | null): CellExperiment {
  const first: LabLink = {
    name: 'a',
    ends: [
      { node: 'x', interface: 'x0' },
      { node: 'y', interface: 'y0' },
    ],
    forward: SHAPE,
    backward: SHAPE,
  };
  const second: LabLink = { name: 'b', ends: [to, { node: 'router', interface: 'mn1' }], forward: shape, backward: shape };
  const routes = [
    { to: 'default', via: '10.1.0.1', dev: 'eth1' },
    { to: '10.9.0.0/24', via: '10.2.0.1', dev: 'eth2', metric: 5 },
  ];
  const mn = { name: 'mn', role: 'MN' as const, forwarding: false, interfaces: [], routes };
  return cell({ nodes: [mn], links: [first, second] });
}
const plain = lab(null);
const wired = lab(SHAPE);
const readdress = (from: string, target: string): MobilityEvent => ({
  kind: 'readdress',
  ...to,
  from,
  to: target,
  routes: [{ to: 'default', via: '10.1.0.1' }],
});
const swap: MobilityEvent = {
  kind: 'route-swap',
  node: 'mn',
  remove: [{ to: 'default', via: '10.1.0.1', metric: 10 }],
  add: [{ to: 'default', via: '10.2.0.1', dev: 'eth2' }],
};

group('commands', () => {
  test('admin-down', () => {
    expect(eventCommands(plain, { kind: 'admin-down', ...to })).toEqual([{ node: 'mn', tool: 'ip', lines: ['link set dev eth1 down'] }]);
  });

  test('interface-up brings back the routes over that interface, and no others', () => {
    expect(eventCommands(plain, { kind: 'interface-up', ...to })).toEqual([
      { node: 'mn', tool: 'ip', lines: ['link set dev eth1 up', 'route replace default via 10.1.0.1 dev eth1'] },
    ]);
  });

  test('carrier-off is done at the other end of the veth pair: the peer, or the wire', () => {
    const commands = (c: CellExperiment) => eventCommands(c, { kind: 'carrier-off', ...to });
    expect(commands(plain)).toEqual([{ node: 'router', tool: 'ip', lines: ['link set dev mn1 down'] }]);
    expect(commands(wired)).toEqual([{ node: WIRE, tool: 'ip', lines: ['link set dev w1a down'] }]);
  });

  test('blackhole loses everything both ways: at both ends, or on both sides of the wire in one batch', () => {
    const commands = (c: CellExperiment) => eventCommands(c, { kind: 'blackhole', ...to });
    const cut = (dev: string) => `qdisc replace dev ${dev} root netem loss 100%`;
    expect(commands(plain)).toEqual([
      { node: 'mn', tool: 'tc', lines: [cut('eth1')] },
      { node: 'router', tool: 'tc', lines: [cut('mn1')] },
    ]);
    expect(commands(wired)).toEqual([{ node: WIRE, tool: 'tc', lines: [cut('w1b'), cut('w1a')] }]);
  });

  test('readdress: address away, address there, then routes, in one batch; no duplicate detection for IPv6', () => {
    expect(eventCommands(plain, readdress('10.1.0.2/24', '10.1.0.3/24'))).toEqual([
      {
        node: 'mn',
        tool: 'ip',
        lines: ['addr del 10.1.0.2/24 dev eth1', 'addr add 10.1.0.3/24 dev eth1', 'route replace default via 10.1.0.1'],
      },
    ]);
    expect(eventCommands(plain, readdress('2001:db8::2/64', '2001:db8::3/64'))[0]!.lines[1]).toBe('addr add 2001:db8::3/64 dev eth1 nodad');
  });

  test('route-swap removes before it adds', () => {
    expect(eventCommands(plain, swap)).toEqual([
      { node: 'mn', tool: 'ip', lines: ['route del default via 10.1.0.1 metric 10', 'route replace default via 10.2.0.1 dev eth2'] },
    ]);
  });

  test('an interface without a link cannot lose its carrier', () => {
    expect(() => eventCommands(plain, { kind: 'carrier-off', node: 'mn', interface: 'lan' })).toThrow('no link at mn:lan');
  });
});

test('route words', () => {
  expect(routeWords({ to: '10.9.0.0/24' })).toBe('10.9.0.0/24');
  expect(routeWords({ to: 'default', via: '10.1.0.1', dev: 'eth1', metric: 0 })).toBe('default via 10.1.0.1 dev eth1 metric 0');
  expect(routeWords({ to: 'default', via: 'fd00::1' })).toBe('default via fd00::1 metric 1'); // 0 would be 1024
  expect(routeWords({ to: 'default', via: 'fd00::1', metric: 200 })).toBe('default via fd00::1 metric 200');
});

group('what the kernel says of an event confirms it', () => {
  const cases: [string, CellExperiment, MobilityEvent, string, Buffer[], Buffer[]][] = [
    ['admin-down', plain, { kind: 'admin-down', ...to }, 'mn', [link(TYPE.NEWLINK, 'eth1', 0)], [link(TYPE.NEWLINK, 'eth11', 0)]],
    [
      'interface-up',
      plain,
      { kind: 'interface-up', ...to },
      'mn',
      [link(TYPE.NEWLINK, 'eth1', UP | LOWER_UP)],
      [link(TYPE.NEWLINK, 'eth1', 0)],
    ],
    [
      'carrier-off at the node itself, wherever it was caused',
      wired,
      { kind: 'carrier-off', ...to },
      'mn',
      [link(TYPE.NEWLINK, 'eth1', UP)],
      [link(TYPE.NEWLINK, 'eth1', UP | LOWER_UP), link(TYPE.NEWLINK, 'eth1', 0)],
    ],
    ['blackhole', plain, { kind: 'blackhole', ...to }, 'mn', [qdisc(TYPE.NEWQDISC)], [link(TYPE.NEWLINK, 'eth1', 0)]],
    ['blackhole on the wire', wired, { kind: 'blackhole', ...to }, WIRE, [qdisc(TYPE.DELQDISC)], []],
    [
      'readdress',
      plain,
      readdress('10.1.0.2/24', '10.1.0.3/24'),
      'mn',
      [address(TYPE.DELADDR, '10.1.0.2', 24)],
      [address(TYPE.DELADDR, '10.1.0.20', 24), address(TYPE.NEWADDR, '10.1.0.2', 24)],
    ],
    [
      'readdress of IPv6, however the file writes it',
      plain,
      readdress('2001:DB8:0:0:1::/64', '2001:db8::3/64'),
      'mn',
      [address(TYPE.DELADDR, '2001:db8:0:0:1:0:0:0', 64)],
      [address(TYPE.DELADDR, '2001:db8:0:0:1:0:0:1', 64)],
    ],
    ['route-swap', plain, swap, 'mn', [route(TYPE.DELROUTE, null, 0)], [address(TYPE.NEWADDR, '10.1.0.2', 24)]],
  ];
  test.each(cases)('%s', (_, c, event, node, confirming, others) => {
    const sought = confirmation(c, event);
    expect(sought.node).toBe(node);
    for (const datagram of confirming) expect(describe(datagram)[0]).toMatch(new RegExp(`^${sought.starts}`));
    for (const datagram of others) expect(describe(datagram)[0]!.startsWith(sought.starts)).toBe(false);
  });
});
