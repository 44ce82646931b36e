/** Fast ends on real TUN interfaces and sockets, also against an end that goes packet by packet. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { HelperTunnel } from '../../../src/types/helper.ts';
import { tunnelKeys } from '../build/keys.ts';
import { HA, HA_INNER, MN, MN_INNER, missing, Nodes, tunnelAt } from '../build/nodes.ts';
import { exchangeTcp, exchangeUdp } from '../build/traffic.ts';

const why = missing();
const mnInner = { node: 'mn', address: MN_INNER } as const;
const haInner = { node: 'ha', address: HA_INNER } as const;
/** UDP payloads: small ones, those that fill a zone exactly, the largest that fits, and larger ones, which become fragments */
const SIZES = [4, 11, 12, 13, 19, 20, 21, 22, 500, 1371, 1372, 1373, 4000];

describe.skipIf(why !== null)(`with /dev/net/tun and root${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let nodes: Nodes;
  beforeAll(async () => {
    nodes = new Nodes();
    await nodes.open();
  });
  afterEach(() => nodes.clear());
  afterAll(() => nodes.close());

  const cases: [string, HelperTunnel['speed'], number[], number][] = [
    ['one zone', 'fast', [], 1],
    ['two zones', 'fast', [40], 1],
    ['two zones, and a way that takes batches whole', 'fast', [40], 64],
    ['an end that goes packet by packet', 'faithful', [40], 64],
  ];
  test.each(cases)(
    'UDP and TCP arrive octet by octet: %s',
    async (_, speed, boundaries, segments) => {
      for (const [node, name] of [
        ['mn', 'w'],
        ['fa', 'w'],
        ['fa', 'c'],
        ['ha', 'c'],
      ] as const) {
        await nodes.ip(node, `link set dev ${name} gso_max_segs ${segments}`);
      }
      const [mn, ha] = await Promise.all([nodes.helper('mn'), nodes.helper('ha')]);
      const common: Partial<HelperTunnel> = { encapsulation: 'udp', mtu: 1400 };
      await mn.client.open({ tunnels: [tunnelAt('mn', { ...common, speed: 'fast' })], agent: null, profile: false });
      await ha.client.open({ tunnels: [tunnelAt('ha', { ...common, speed })], agent: null, profile: false });
      await nodes.routes();
      await mn.client.keys({ tunnels: [tunnelKeys('tun0', MN, HA, { boundaries })], agent: null });
      await ha.client.keys({ tunnels: [tunnelKeys('tun0', HA, MN, { boundaries })], agent: null });
      expect(exchangeUdp(nodes, mnInner, haInner, SIZES)).toEqual([]);
      expect(exchangeUdp(nodes, haInner, mnInner, SIZES)).toEqual([]);
      await exchangeTcp(nodes, mnInner, haInner, 8_000_000);
      await exchangeTcp(nodes, haInner, mnInner, 8_000_000);
      const [a, b] = await Promise.all([mn.client.statistics(), ha.client.statistics()]);
      for (const [from, to] of [
        [a, b],
        [b, a],
      ] as const) {
        const [sent, got] = [from.tunnels.tun0!.out, to.tunnels.tun0!.in];
        expect(sent.packets).toBeGreaterThan(SIZES.length + 8_000_000 / 1400);
        expect(got).toEqual({ ...sent, refused: {} });
      }
      await nodes.stop();
    },
    60_000,
  );
});
