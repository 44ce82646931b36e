/** Two helpers and an agent between them, on real TUN interfaces and raw sockets. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { HelperStatistics, HelperTunnel } from '../../src/types/helper.ts';
import { firstZone, type KeyOptions, tunnelKeys } from './build/keys.ts';
import { agentAt, HA, HA_INNER, MN, MN_INNER, missing, Nodes, type Started, tunnelAt } from './build/nodes.ts';
import { exchangeTcp, exchangeUdp } from './build/traffic.ts';

const why = missing();
const mnInner = { node: 'mn', address: MN_INNER } as const;
const haInner = { node: 'ha', address: HA_INNER } as const;
/** UDP payloads */
const SIZES = [4, 5, 11, 12, 13, 19, 20, 21, 100, 500, 1000, 1200];

/** ms: on a busy machine a program may take long to start */
const BUSY = 90_000;
const SOON = { timeout: 30_000 };

describe.skipIf(why !== null)(`with /dev/net/tun and root${why === null ? '' : ` (skipped: ${why})`}`, { timeout: BUSY }, () => {
  let nodes: Nodes;
  beforeAll(async () => {
    nodes = new Nodes();
    await nodes.open();
  }, BUSY);
  afterEach(() => nodes.clear(), BUSY);
  afterAll(() => nodes.close(), BUSY);

  /** Both ends, opened, with keys; and the agent, if asked for. */
  async function tunnel(
    more: Partial<HelperTunnel> = {},
    options: KeyOptions & { agent?: boolean; keysOfAgent?: boolean } = {},
  ): Promise<{ mn: Started; ha: Started; fa: Started | null }> {
    const [mn, ha] = await Promise.all([nodes.helper('mn'), nodes.helper('ha')]);
    const fa = options.agent === true ? await nodes.helper('fa') : null;
    await Promise.all([
      mn.client.open({ tunnels: [tunnelAt('mn', more)], agent: null, profile: false }),
      ha.client.open({ tunnels: [tunnelAt('ha', more)], agent: null, profile: false }),
    ]);
    if (more.mode !== 'transport') await nodes.routes();
    const up = tunnelKeys('tun0', MN, HA, options);
    const down = tunnelKeys('tun0', HA, MN, options);
    await mn.client.keys({ tunnels: [up], agent: null });
    await ha.client.keys({ tunnels: [down], agent: null });
    if (fa !== null) {
      await fa.client.open({ tunnels: [], agent: agentAt(), profile: true });
      await nodes.detour('esp', 'tcp', 'udp', 'ipencap');
      const csas = options.keysOfAgent === false ? [] : [firstZone(up.send), firstZone(down.send)];
      await fa.client.keys({ tunnels: [], agent: { csas, writer: 1 } });
    }
    return { mn, ha, fa };
  }

  const both = async ({ mn, ha }: { mn: Started; ha: Started }): Promise<[HelperStatistics, HelperStatistics]> =>
    Promise.all([mn.client.statistics(), ha.client.statistics()]);

  /** What one end sent is what the other opened, and nothing else came. */
  async function consistent(started: { mn: Started; ha: Started }): Promise<HelperStatistics> {
    const [mn, ha] = await both(started);
    for (const [from, to] of [
      [mn, ha],
      [ha, mn],
    ] as const) {
      const [sent, got] = [from.tunnels.tun0!.out, to.tunnels.tun0!.in];
      expect(got).toEqual({ ...sent, refused: {} });
      expect(sent.refused).toEqual({});
    }
    return mn;
  }

  test('UDP of all sizes and TCP cross a tunnel in two zones, in both directions', async () => {
    const started = await tunnel();
    expect(exchangeUdp(nodes, mnInner, haInner, SIZES)).toEqual([]);
    expect(exchangeUdp(nodes, haInner, mnInner, SIZES)).toEqual([]);
    await exchangeTcp(nodes, haInner, mnInner, 1 << 20);
    const { out } = (await consistent(started)).tunnels.tun0!;
    expect(out.byMode).toMatchObject({ plain: 0, ipsec: 0, mml: out.packets });
    await nodes.stop();
  });

  test.each([
    ['one zone', { boundaries: [] }, {}],
    ['layout C', { layout: 'C' }, {}],
    ['3DES without ICV', { suite: '3des-cbc/none' }, {}],
    ['CBC with HMAC over UDP', { suite: 'aes256-cbc/sha256-128' }, { encapsulation: 'udp' }],
  ] as [string, KeyOptions, Partial<HelperTunnel>][])('%s', async (_, options, more) => {
    const started = await tunnel(more, options);
    expect(exchangeUdp(nodes, mnInner, haInner, SIZES)).toEqual([]);
    expect(exchangeUdp(nodes, haInner, mnInner, SIZES)).toEqual([]);
    await consistent(started);
    await nodes.stop();
  });

  test('an agent opens the first zone, and hands on every packet as it was', async () => {
    const started = await tunnel({}, { agent: true });
    await exchangeTcp(nodes, haInner, mnInner, 1 << 20);
    expect(exchangeUdp(nodes, mnInner, haInner, SIZES)).toEqual([]);
    const [mn, ha] = await both(started);
    const { agent, stages } = await started.fa!.client.statistics();
    expect(agent).toMatchObject({ passed: SIZES.length, refused: {} });
    expect(agent!.opened).toBe(mn.tunnels.tun0!.out.packets + ha.tunnels.tun0!.out.packets);
    // a busy machine may look like loss, and be repaired
    expect(agent!.forwarded).toBe(agent!.opened - agent!.suppressed);
    expect(agent!.snoop!.cached).toBeGreaterThan(100);
    for (const stage of ['tun read', 'open zone 1', 'snoop', 'forward']) expect(stages[stage]?.packets, stage).toBeGreaterThan(100);
    await nodes.stop();
  });

  test('without keys an agent hands on what it cannot read', async () => {
    const started = await tunnel({ encapsulation: 'udp' }, { agent: true, keysOfAgent: false });
    expect(exchangeUdp(nodes, mnInner, haInner, SIZES)).toEqual([]);
    await consistent(started);
    const { agent } = await started.fa!.client.statistics();
    expect(agent).toMatchObject({ opened: 0, passed: SIZES.length, forwarded: SIZES.length });
    await nodes.stop();
  });

  test('an agent whose keys are others drops: the first zone is not genuine', async () => {
    const started = await tunnel({}, { agent: true });
    const wrong = [tunnelKeys('tun0', MN, HA).send].map((keys) => ({
      ...firstZone(keys),
      sas: [{ ...keys.sas[0]!, material: '00'.repeat(20) }, null],
    }));
    await started.fa!.client.keys({ tunnels: [], agent: { csas: wrong, writer: 1 } });
    expect(exchangeUdp(nodes, mnInner, haInner, [100, 200], 200)).toEqual([100, 200]);
    await expect.poll(async () => (await started.fa!.client.statistics()).agent!.refused, SOON).toEqual({ 'bad-icv': 2 });
    await nodes.stop();
  });

  test('an agent follows TCP in clear', async () => {
    const fa = await nodes.helper('fa');
    await fa.client.open({ tunnels: [], agent: agentAt(), profile: false });
    await nodes.detour('tcp');
    await exchangeTcp(nodes, { node: 'ha', address: HA }, { node: 'mn', address: MN }, 1 << 20);
    const { agent } = await fa.client.statistics();
    expect(agent).toMatchObject({ opened: 0, passed: 0, refused: {} });
    expect(agent!.snoop!.cached).toBeGreaterThan(100);
    expect(agent!.snoop!.newAcks).toBeGreaterThan(10);
    await nodes.stop();
  });

  test('in dynamic mode every third packet is in zones, the others go as agreed', async () => {
    const dynamic = { everyNth: 3, otherwise: 'plain' as const, perFlow: [] };
    const started = await tunnel({ dynamic }, { ipsec: true });
    expect(exchangeUdp(nodes, mnInner, haInner, Array<number>(30).fill(100))).toEqual([]);
    const { out } = (await consistent(started)).tunnels.tun0!;
    expect(out.byMode).toEqual({ plain: 20, ipsec: 0, mml: 10 });
    await nodes.stop();
  });

  test('an ordinary SA beside the composite one', async () => {
    const dynamic = { everyNth: 2, otherwise: 'ipsec' as const, perFlow: [] };
    const started = await tunnel({ dynamic }, { ipsec: true });
    expect(exchangeUdp(nodes, haInner, mnInner, Array<number>(10).fill(100))).toEqual([]);
    const { in: got } = (await consistent(started)).tunnels.tun0!;
    expect(got.byMode).toEqual({ plain: 0, ipsec: 5, mml: 5 });
    await nodes.stop();
  });

  test('nobody takes packets in clear that were not agreed on', async () => {
    const started = await tunnel({ dynamic: { everyNth: 3, otherwise: 'plain', perFlow: [] } }, { ipsec: true });
    const ha = await nodes.helper('ha', 'strict');
    await started.ha.client.stop();
    await started.ha.process.ended();
    const dynamic = { everyNth: 3, otherwise: 'ipsec' as const, perFlow: [] };
    await ha.client.open({ tunnels: [tunnelAt('ha', { dynamic })], agent: null, profile: false });
    await nodes.ip('ha', `route add ${MN_INNER}/32 dev tun0 src ${HA_INNER}`);
    await ha.client.keys({ tunnels: [tunnelKeys('tun0', HA, MN, { ipsec: true })], agent: null });
    expect(exchangeUdp(nodes, mnInner, haInner, [100, 101, 102, 103], 200)).toEqual(expect.arrayContaining([101, 102]));
    const got = async () => (await ha.client.statistics()).tunnels.tun0!.in;
    await expect.poll(got, SOON).toMatchObject({ packets: 2, refused: { 'not-agreed': 2 } });
    await nodes.stop();
  });

  test('transport mode: packets between the outer addresses themselves', async () => {
    const started = await tunnel({ mode: 'transport' }, { boundaries: [] });
    for (const [node, other] of [
      ['mn', HA],
      ['ha', MN],
    ] as const) {
      // what the helper sends has the protocol of raw sockets to policy routing
      await nodes.ip(node, 'route add default dev tun0 table 101', `rule add not ipproto 255 to ${other} table 101 priority 900`);
    }
    expect(exchangeUdp(nodes, { node: 'mn', address: MN }, { node: 'ha', address: HA }, SIZES)).toEqual([]);
    expect(exchangeUdp(nodes, { node: 'ha', address: HA }, { node: 'mn', address: MN }, SIZES)).toEqual([]);
    await consistent(started);
    await nodes.stop();
  });

  test('inner addresses that are not of the tunnel are refused at either end', async () => {
    const started = await tunnel();
    await nodes.ip('mn', 'addr add 10.66.0.1/32 dev tun0');
    expect(exchangeUdp(nodes, { node: 'mn', address: '10.66.0.1' }, haInner, [100], 100)).toEqual([100]);
    await expect.poll(async () => (await both(started))[0].tunnels.tun0!.out.refused, SOON).toEqual({ 'wrong-selector': 1 });
    await nodes.stop();
  });

  test('before keys, nothing leaves; with new keys, what came goes on', async () => {
    const mn = await nodes.helper('mn');
    await mn.client.open({ tunnels: [tunnelAt('mn')], agent: null, profile: false });
    await nodes.ip('mn', `addr add ${MN_INNER}/32 dev tun0`, `route add ${HA_INNER}/32 dev tun0 src ${MN_INNER}`);
    expect(exchangeUdp(nodes, mnInner, haInner, [100], 100)).toEqual([100]);
    const sent = async () => (await mn.client.statistics()).tunnels.tun0!.out;
    await expect.poll(sent, SOON).toMatchObject({ packets: 0, refused: { 'no-keys': 1 } });
    await mn.client.keys({ tunnels: [tunnelKeys('tun0', MN, HA)], agent: null });
    await mn.client.keys({ tunnels: [tunnelKeys('tun0', MN, HA, { suite: 'aes256-gcm16' })], agent: null });
    await nodes.stop();
  });

  test('when it stops, its interface and its socket are gone', async () => {
    const { client, process: running } = await nodes.helper('mn');
    await client.open({ tunnels: [tunnelAt('mn')], agent: null, profile: false });
    await expect(nodes.lab.exec('mn', ['ip', 'link', 'show', 'dev', 'tun0'])).resolves.toMatchObject({
      stdout: expect.stringContaining('mtu 1400'),
    });
    running.signal('SIGTERM');
    await running.ended();
    expect(running.child.exitCode).toBe(0);
    expect(existsSync(join(nodes.folder, 'mn.sock'))).toBe(false);
    await expect(nodes.lab.exec('mn', ['ip', 'link', 'show', 'dev', 'tun0'])).rejects.toThrow('does not exist');
  });

  test('an interface that is taken away ends the helper with the reason', async () => {
    const { client, process: running } = await nodes.helper('mn');
    await client.open({ tunnels: [tunnelAt('mn')], agent: null, profile: false });
    await nodes.ip('mn', 'link del dev tun0');
    await running.ended();
    expect(running.child.exitCode).toBe(1);
    expect(running.stderr).toContain('cannot read from tun0');
  });

  test('a name that is taken is refused, and the helper can be opened again', async () => {
    const { client } = await nodes.helper('mn');
    await expect(client.open({ tunnels: [tunnelAt('mn', { name: 'w' })], agent: null, profile: false })).rejects.toThrow('cannot make w');
    await client.open({ tunnels: [tunnelAt('mn')], agent: null, profile: false });
    await nodes.stop();
  });

  test('keys that do not go together are refused without showing them', async () => {
    const { client } = await nodes.helper('mn');
    await client.open({ tunnels: [tunnelAt('mn')], agent: null, profile: false });
    const keys = tunnelKeys('tun0', MN, HA);
    const short = { ...keys.send, sas: keys.send.sas.map((sa, k) => sa && { ...sa, material: `abcdef0${k}` }) };
    const error = await client.keys({ tunnels: [{ ...keys, send: short }], agent: null }).catch((e: Error) => e.message);
    expect(error).toContain('takes 20 octets of key material');
    expect(error).not.toContain('abcdef');
    await expect(client.keys({ tunnels: [tunnelKeys('tun9', MN, HA)], agent: null })).rejects.toThrow('there is no tunnel tun9');
    await nodes.stop();
  });
});
