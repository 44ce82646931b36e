import { describe, expect, test } from 'vitest';
import { nodeCharon, nodeIpsec, strongswanConf, swanctlConf } from '../../src/ipsec/config.ts';
import { loadExperiment } from '../../src/spec/index.ts';
import type { IpsecConnection } from '../../src/types/experiment.ts';
import { cell } from '../metrics/build.ts';

const fixture = (name: string) => `./fixtures/${name}`;
const psk = (connection: string) => `secret of ${connection}`;

describe('the Mobility experiment', async () => {
  const { cells } = await loadExperiment('topologies/e2e/mobike-mobility.yaml');
  const nodes = nodeIpsec(cells[0]!, psk);

  test.each(['mn', 'sgw'])('swanctl.conf of %s', async (name) => {
    await expect(swanctlConf(nodes.find((n) => n.node === name)!)).toMatchFileSnapshot(fixture(`swanctl-${name}.conf`));
  });

  test('the router has none', () => {
    expect(nodes.map((n) => n.node)).toEqual(['mn', 'sgw']);
  });
});

describe('strongswan.conf', () => {
  test('with the key log', async () => {
    await expect(strongswanConf({ keys: 'buffered' })).toMatchFileSnapshot(fixture('strongswan-keys.conf'));
  });

  test('without it: the key log is the only difference, and nothing prints keys', () => {
    const [keys, plain] = (['buffered', 'off'] as const).map((on) => strongswanConf({ keys: on }));
    expect(plain).not.toMatch(/= 4|keys/);
    const kept = keys!.split('\n');
    for (const line of plain!.split('\n')) expect(kept).toContain(line);
  });
});

describe('strongswan.conf of the patched build', () => {
  test('says what the experiment says, in the daemon’s units', () => {
    const charon = {
      ...{ build: 'patched' as const, roamDelay: 0, probe: false, probeInterval: 0.5, rrc: 'after' as const },
      ...{ maxPaths: 2, peerAddresses: ['10.1.0.0/24', '10.2.0.0/24'] },
    };
    const text = strongswanConf({ keys: 'off', charon, mobikex: true });
    expect(text).toMatch(/mobikex \{\n +enable = yes\n +max_paths = 2\n +rrc = after\n +peer_addrs = 10.1.0.0\/24,10.2.0.0\/24\n/);
    expect(text).toMatch(/mobike_probe = no\n +mobike_probe_interval = 500\n/);
    expect(text).toMatch(/kernel-netlink \{\n +roam_delay = 0\n/);
  });

  test('without settings and MOBIKE-X differs from stock in the plugins only', () => {
    const [patched, stock] = [strongswanConf({ keys: 'off', charon: { build: 'patched' } }), strongswanConf({ keys: 'off' })];
    expect(patched.replace(/load = .*/, '')).toBe(stock.replace(/load = .*/, ''));
  });
});

describe('connections', () => {
  const connection = (more: Partial<IpsecConnection>): IpsecConnection => ({
    name: 'c',
    initiator: 'mn',
    responder: 'sgw',
    initiatorAddress: '10.1.0.2',
    responderAddress: '10.3.0.2',
    mode: 'tunnel',
    ike: 'aes128-sha256-modp2048',
    esp: 'aes128-sha1',
    responderNets: [],
    initiatorNets: [],
    mobility: 'mobike',
    ...more,
  });
  const build = (...connections: IpsecConnection[]) => nodeIpsec(cell({ ipsec: connections }), psk);

  test('the initiator names only the peer, so that MOBIKE may choose the address it sends from', () => {
    const [mn, sgw] = build(connection({}));
    expect(mn!.connections.c).toMatchObject({ mobike: 'yes', remote_addrs: ['10.3.0.2'], local: { id: 'mn' }, remote: { id: 'sgw' } });
    expect(mn!.connections.c).not.toHaveProperty('local_addrs');
    expect(sgw!.connections.c).toMatchObject({ local_addrs: ['10.3.0.2'], local: { id: 'sgw' }, remote: { id: 'mn' } });
    expect(sgw!.connections.c).not.toHaveProperty('remote_addrs');
  });

  test('selectors mirror each other in tunnel mode and are left out in transport mode', () => {
    const nets = { initiatorNets: ['10.10.0.0/24'], responderNets: ['10.9.0.0/24'] };
    const child = (index: number, more: Partial<IpsecConnection>) =>
      (build(connection({ ...nets, ...more }))[index]!.connections.c as { children: { c: object } }).children.c;
    expect(child(0, {})).toEqual({
      mode: 'tunnel',
      esp_proposals: ['aes128-sha1'],
      local_ts: ['10.10.0.0/24'],
      remote_ts: ['10.9.0.0/24'],
    });
    expect(child(1, {})).toEqual({
      mode: 'tunnel',
      esp_proposals: ['aes128-sha1'],
      local_ts: ['10.9.0.0/24'],
      remote_ts: ['10.10.0.0/24'],
    });
    for (const index of [0, 1]) expect(child(index, { mode: 'transport' })).toEqual({ mode: 'transport', esp_proposals: ['aes128-sha1'] });
  });

  describe('the initiator’s own address as its selector', () => {
    const selectors = (more: Partial<IpsecConnection>) =>
      build(connection({ responderNets: ['10.9.0.0/24'], ...more })).map((node) => {
        const { local_ts, remote_ts } = (node.connections.c as { children: { c: Record<string, string[]> } }).children.c;
        return { local_ts, remote_ts };
      });
    const lan = ['10.9.0.0/24'];

    test.each([
      ['10.1.0.2', '10.1.0.2/32'],
      ['2001:db8::2', '2001:db8::2/128'],
    ])('%s is left to dynamic at both ends', (initiatorAddress, net) => {
      expect(selectors({ initiatorAddress, initiatorNets: [net] })).toEqual([{ remote_ts: lan }, { local_ts: lan }]);
    });

    test.each([
      ['a network around it', { initiatorNets: ['10.1.0.0/24'] }],
      ['another host', { initiatorNets: ['10.1.0.3/32'] }],
      ['more than that', { initiatorNets: ['10.1.0.2/32', '10.8.0.0/24'] }],
      ['a virtual IP beside it', { initiatorNets: ['10.1.0.2/32'], virtualIp: '10.10.0.1' }],
    ])('%s is written', (_, more) => {
      expect(selectors(more)).toEqual([
        { local_ts: more.initiatorNets, remote_ts: lan },
        { local_ts: lan, remote_ts: more.initiatorNets },
      ]);
    });
  });

  test('no mobility is said, not left to the default', () => {
    for (const node of build(connection({ mobility: 'none' }))) expect(node.connections.c).toMatchObject({ mobike: 'no' });
  });

  test.each([
    ['10.10.0.1', '10.10.0.1/32'],
    ['2001:db8::10', '2001:db8::10/128'],
  ])('virtual IP %s: asked for by one, a pool of the other', (virtualIp, addrs) => {
    const [mn, sgw] = build(connection({ virtualIp }));
    expect(mn!.connections.c).toMatchObject({ vips: [virtualIp] });
    expect(mn!.pools).toEqual({});
    expect(sgw!.connections.c).toMatchObject({ pools: ['c-pool'] });
    expect(sgw!.pools).toEqual({ 'c-pool': { addrs } });
  });

  test('a node in the middle of two connections has both, each with its own secret', () => {
    const nodes = build(connection({}), connection({ name: 'd', initiator: 'sgw', responder: 'server' }));
    expect(nodes.map((n) => [n.node, Object.keys(n.connections)])).toEqual([
      ['mn', ['c']],
      ['sgw', ['c', 'd']],
      ['server', ['d']],
    ]);
    expect(nodes[1]!.secrets).toEqual({
      'ike-c': { secret: 'secret of c', id: ['mn', 'sgw'] },
      'ike-d': { secret: 'secret of d', id: ['sgw', 'server'] },
    });
  });
});

describe('pinned connections', () => {
  const base = cell().ipsec[0]!;
  const pair = (more: Partial<IpsecConnection>) => [
    {
      ...base,
      virtualIp: undefined,
      mobility: 'none' as const,
      pinned: true as const,
      name: 'path1',
      initiatorAddress: '10.1.0.2',
      ...more,
    },
    {
      ...base,
      virtualIp: undefined,
      mobility: 'none' as const,
      pinned: true as const,
      name: 'path2',
      initiatorAddress: '10.2.0.2',
      ...more,
    },
  ];
  const transport = cell({ ipsec: pair({ mode: 'transport' }) as IpsecConnection[] });
  const [mn, sgw] = nodeIpsec(transport, psk);

  test('name both addresses at both ends, and one IKE_SA does not replace the other', () => {
    expect(mn!.connections.path2).toMatchObject({ local_addrs: ['10.2.0.2'], remote_addrs: ['10.3.0.2'], unique: 'never', mobike: 'no' });
    expect(sgw!.connections.path2).toMatchObject({ local_addrs: ['10.3.0.2'], remote_addrs: ['10.2.0.2'], unique: 'never' });
  });

  test('have identities of their own, so that each finds its own secret', () => {
    expect(mn!.secrets['ike-path1']).toEqual({ secret: 'secret of path1', id: ['mn.path1', 'sgw.path1'] });
    expect(mn!.connections.path1).toMatchObject({ local: { id: 'mn.path1' }, remote: { id: 'sgw.path1' } });
  });

  test('in transport mode charon leaves the routes alone; in tunnel mode it needs them', () => {
    expect(strongswanConf({ keys: 'off', ...nodeCharon(transport, 'mn') })).toContain('  install_routes = no\n');
    const tunnel = cell({ ipsec: pair({ mode: 'tunnel' }) as IpsecConnection[] });
    expect(strongswanConf({ keys: 'off', ...nodeCharon(tunnel, 'mn') })).not.toContain('install_routes');
  });
});
