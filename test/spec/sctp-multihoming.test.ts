/** What each protection makes of the same association (fixtures/sctp-multihoming.yaml). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseExperiment, SpecError } from '../../src/spec/index.ts';

const TEXT = readFileSync(join(import.meta.dirname, 'fixtures', 'sctp-multihoming.yaml'), 'utf8');
const load = (edit = (text: string) => text) => parseExperiment(edit(TEXT), 'test.yaml');
const { cells } = load();
const of = (security: string) => cells.find((cell) => cell.values.security === security)!;
/** One tunnel stands for each address of the server. */
const apart = (text: string) => text.replace(/(path(\d).*)10\.9\.0\.0\/16/g, '$110.9.$2.0/24');
const wireguard = (text: string) => apart(text).replace(/security: \[.*\]/, 'security: [none, wireguard]');
const codes = (edit: (text: string) => string): string[] => {
  try {
    load(edit);
  } catch (error) {
    if (error instanceof SpecError) return error.issues.map((issue) => issue.code);
    throw error;
  }
  return [];
};

const LINKS = { sources: ['10.1.0.2', '10.2.0.2'], destinations: ['10.3.0.2'], source: '10.1.0.2', destination: '10.3.0.2' };
const INNER = {
  ...{ sources: ['10.10.1.1', '10.10.2.1'], destinations: ['10.9.1.1'] },
  ...{ source: '10.10.1.1', destination: '10.9.1.1' },
};

describe('protections', () => {
  test('none: no connection, link addresses, in clear by intent', () => {
    expect(of('none')).toMatchObject({
      ipsec: [],
      flows: [{ ...LINKS, protectedBy: null, client: 'mn', port: 5001, rate: 500, size: 1000 }],
    });
  });

  test.each([
    ['esp-transport', 'aes128-sha1'],
    ['null-transport', 'null-sha1'],
  ])('%s: two dormant paths between the same nodes, the links’ addresses', (security, esp) => {
    const { ipsec, flows } = of(security);
    const common = { mode: 'transport', esp, mobility: 'none', pinned: true, responderAddress: '10.3.0.2', responderNets: ['10.3.0.2/32'] };
    expect(ipsec).toMatchObject([
      { ...common, name: 'path1', initiatorAddress: '10.1.0.2', initiatorNets: ['10.1.0.2/32'] },
      { ...common, name: 'path2', initiatorAddress: '10.2.0.2', initiatorNets: ['10.2.0.2/32'] },
    ]);
    for (const connection of ipsec) expect(connection).not.toHaveProperty('virtualIp');
    expect(flows).toMatchObject([{ ...LINKS, protectedBy: 'path1' }]);
  });

  test.each([
    ['esp-tunnel', 'aes128-sha1'],
    ['null-tunnel', 'null-sha1'],
  ])('%s: the inner addresses of both tunnels', (security, esp) => {
    const { ipsec, flows } = of(security);
    const common = { mode: 'tunnel', esp, pinned: true };
    expect(ipsec).toMatchObject([
      { ...common, virtualIp: '10.10.1.1', initiatorNets: ['10.10.1.1/32'], responderNets: ['10.9.0.0/16'] },
      { ...common, virtualIp: '10.10.2.1', initiatorNets: ['10.10.2.1/32'], responderNets: ['10.9.0.0/16'] },
    ]);
    expect(flows).toMatchObject([{ ...INNER, protectedBy: 'path1' }]);
  });

  test('wireguard: tunnels of another kind, captured inside too', () => {
    const [clear, tunnels] = load(wireguard).cells;
    const { ipsec, flows, captures } = tunnels!;
    expect(ipsec).toEqual([]);
    const common = { initiator: 'mn', responder: 'server', responderAddress: '10.3.0.2' };
    expect(tunnels!.wireguard).toEqual([
      { ...common, name: 'path1', port: 51820, initiatorInner: '10.10.1.1', responderInner: '10.9.1.1' },
      { ...common, name: 'path2', port: 51821, initiatorInner: '10.10.2.1', responderInner: '10.9.2.1' },
    ]);
    expect(flows).toMatchObject([{ ...INNER, destinations: ['10.9.1.1', '10.9.2.1'], protectedBy: 'path1' }]);
    const inner = ['path1', 'path2'].flatMap((name) => ['mn', 'server'].map((node) => ({ node, interface: name })));
    expect(captures.slice(6)).toEqual(inner);
    expect(clear!.captures).toHaveLength(6);
    expect(clear).not.toHaveProperty('wireguard');
  });

  test('a file that names its captures has those of tunnels with flows beside them', () => {
    const names = (edit: (text: string) => string) =>
      load(edit).cells.map((cell) => cell.captures.map((end) => `${end.node}:${end.interface}`));
    const both = ['mn:path1', 'server:path1', 'server:path2'];
    const named = (text: string, flow = '') =>
      `${wireguard(text).replace('rate: 500/s', `rate: 500/s${flow}`)}capture: [mn:eth1, mn:path2]\n`;
    expect(names((text) => named(text))).toEqual([['mn:eth1'], ['mn:eth1', 'mn:path2', ...both]]);
    expect(names((text) => named(text, ', protectedBy: path2'))[1]).toEqual(['mn:eth1', 'mn:path2', 'server:path2']);
    expect(names((text) => named(text, ', protectedBy: none'))[1]).toEqual(['mn:eth1', 'mn:path2']);
    expect(codes((text) => `${text}capture: [mn:path3]\n`)).toEqual(['E_SPEC_NO_INTERFACE']);
  });

  test('the kernel needs what the cells use', () => {
    expect(load().features).toEqual(['dummy', 'esp4', 'netem', 'netns', 'sctp', 'veth', 'xfrm']);
    const other = (text: string) =>
      wireguard(text)
        .replace('[none, wireguard]', '[wireguard]')
        .replace(/kind: sctp(.*), sctp: .*\} \}/, 'kind: mptcp$1 }');
    expect(load(other).features).toEqual(['dummy', 'mptcp', 'netem', 'netns', 'veth', 'wireguard']);
  });

  test('charon is set up where there is one, and no mistake elsewhere in the matrix', () => {
    const built = load((text) =>
      apart(text)
        .replace(/security: .*\]/, 'security: [none, esp-transport, null-transport, wireguard]')
        .replace('role: MN', 'role: MN\n    charon: { roamDelay: 0ms }'),
    ).cells.map((cell) => cell.nodes[0]!.charon?.build);
    expect(built).toEqual([undefined, 'patched', 'patched', undefined]);
  });

  test('a flow that names its connection is in clear where the matrix chose none', () => {
    const named = load((text) => text.replace('rate: 500/s', 'rate: 500/s, protectedBy: path2'));
    expect(named.cells.map(({ flows: [flow] }) => [flow!.protectedBy, flow!.sources!.join(), flow!.destinations!.join()])).toEqual([
      [null, '10.1.0.2,10.2.0.2', '10.3.0.2'],
      ['path2', '10.2.0.2', '10.3.0.2'],
      ['path2', '10.10.2.1', '10.9.1.1'],
      ['path2', '10.2.0.2', '10.3.0.2'],
      ['path2', '10.10.2.1', '10.9.1.1'],
    ]);
    const clear = load((text) => text.replace('rate: 500/s', 'rate: 500/s, protectedBy: none'));
    expect(clear.cells.every(({ flows: [flow] }) => flow!.protectedBy === null && flow!.sources!.join() === LINKS.sources.join())).toBe(
      true,
    );
  });

  test('udp flows still need to say which of two', () => {
    expect(codes((text) => text.replace(/ {2}data: .*/, '  up: { from: mn, to: server, protectedBy: path1 }'))).toEqual([]);
    expect(codes((text) => text.replace(/ {2}data: .*/, '  up: { from: mn, to: server }'))).toContain('E_SPEC_FLOW_AMBIGUOUS');
  });

  test.each([
    ['mobike', 'none'],
    ['mobikex', 'esp-transport'],
  ])('a tunnel that moves (%s) has one inner address, and events of its own', (mobility, other) => {
    const moving = load((text) =>
      text
        .replace(/ {2}path2: .*\n/, '')
        .replace('mobility: none', `mobility: ${mobility}`)
        .replace(/security: \[.*\]/, `security: [${other}, esp-tunnel]`),
    );
    const [links, tunnel] = moving.cells;
    expect(tunnel!.ipsec[0]).not.toHaveProperty('pinned');
    expect(tunnel!.flows[0]).toMatchObject({ sources: ['10.10.1.1'], destinations: ['10.9.1.1'], protectedBy: 'path1' });
    expect(links!.flows[0]).toMatchObject({ ...LINKS, protectedBy: other === 'none' ? null : 'path1' });
  });

  test('charon’s events do not happen in cells whose protection has no charon', () => {
    const event = '\n  - { at: 1s, event: make-before-break, node: mn, interface: eth2, connection: path1 }';
    const loaded = load((text) =>
      apart(text)
        .replace(/security: .*\]/, 'security: [none, esp-transport, null-transport, wireguard]')
        .replace('mobility: none', 'mobility: mobikex')
        .replace('timeline:', `timeline:${event}`),
    );
    expect(loaded.cells.map((cell) => cell.timeline.length)).toEqual([1, 2, 2, 1]);
  });
});

describe('one connection protects each pair of addresses', () => {
  const transport = (text: string) => text.replace(/security: \[.*\]/, 'security: [esp-transport]');
  const only = (text: string) => transport(text).replace(/ {2}path2: .*\n/, '');
  const flowOf = (edit: (text: string) => string) => load(edit).cells[0]!.flows[0]!;

  test('a pinned connection in transport mode has one pair', () => {
    expect(codes(only)).toEqual(['E_SPEC_FLOW_UNPROTECTED']);
    expect(flowOf((text) => only(text).replace('rate: 500/s', 'source: 10.1.0.2'))).toMatchObject({ sources: ['10.1.0.2'] });
  });

  test('MOBIKE-X has paths between all addresses of the two hosts, MOBIKE in transport mode one', () => {
    const moving = (mobility: string) => (text: string) => only(text).replace('mobility: none', `mobility: ${mobility}`);
    expect(flowOf(moving('mobikex'))).toMatchObject({ ...LINKS, protectedBy: 'path1' });
    expect(codes(moving('mobike'))).toEqual(['E_SPEC_FLOW_UNPROTECTED']);
  });

  test('tunnels to networks of their own leave pairs open; WireGuard’s are never used', () => {
    const tunnels = (text: string) => apart(text).replace(/security: \[.*\]/, 'security: [esp-tunnel]');
    expect(codes(tunnels)).toEqual(['E_SPEC_FLOW_UNPROTECTED']);
    const own = (text: string) => wireguard(text).replace('none, ', '');
    expect(codes(own)).toEqual([]);
    const lonely = (text: string) => own(text).replace('rate: 500/s', 'source: 10.10.1.1, destination: [10.9.1.1, 10.9.2.1]');
    expect(codes(lonely)).toEqual(['E_SPEC_FLOW_UNPROTECTED']);
  });

  test('of two modes side by side the flow has the tunnel, which is what protects it', () => {
    const mixed = (text: string) =>
      transport(text)
        .replace(/(path2.*)security: "[^"]*"/, '$1security: esp-tunnel')
        .replace(', virtualIp: 10.10.1.1, responderNets: [10.9.0.0/16]', '');
    expect(flowOf(mixed)).toMatchObject({ sources: ['10.10.2.1'], destinations: ['10.9.1.1'], protectedBy: 'path2' });
    const links = (text: string) => mixed(text).replace('rate: 500/s', 'source: 10.1.0.2, destination: 10.3.0.2');
    expect(flowOf(links)).toMatchObject({ sources: ['10.1.0.2'], destinations: ['10.3.0.2'], protectedBy: 'path1' });
  });

  test('an address that comes later must have one too', () => {
    const late = (text: string) =>
      text
        .replace('rate: 500/s', 'source: 10.1.0.2')
        .replace('timeline:', 'timeline:\n  - { at: 1s, event: asconf, action: add, address: 10.2.0.2 }');
    expect(codes((text) => late(transport(text)))).toEqual([]);
    expect(codes((text) => late(only(text)))).toEqual(['E_SPEC_FLOW_UNPROTECTED']);
    expect(codes((text) => late(only(text)).replace('source:', 'protectedBy: none, source:'))).toEqual([]);
    expect(codes((text) => late(only(text)).replace('mobility: none', 'mobility: mobikex'))).toEqual([]);
  });

  test('with autoAsconf the association has every address of its client', () => {
    const auto = (text: string) => transport(text).replace('sctp: {', 'sctp: { autoAsconf: true,');
    expect(codes(auto)).toEqual([]);
    const dummy = (text: string) => auto(text).replace('eth2: 10.2.0.2/24', '$&, in0: { address: 10.8.0.1/24, kind: dummy }');
    expect(codes(dummy)).toEqual(['E_SPEC_FLOW_UNPROTECTED']);
  });
});

describe('reachability', () => {
  test('packets from an address with a rule take its table', () => {
    expect(codes((text) => text.replace(', default via 10.2.0.1 metric 200', ''))).toEqual([]);
    const astray = (text: string) => text.replace('default via 10.2.0.1 table 2', '10.3.0.0/16 via 10.2.0.9 table 2');
    const without = codes(astray);
    expect(new Set(without)).toEqual(new Set(['E_SPEC_IPSEC_UNREACHABLE', 'E_SPEC_FLOW_UNREACHABLE']));
  });

  test('networks side by side need not meet', () => {
    const SIDE = `name: side
nodes:
  a: { interfaces: { eth1: 10.1.0.2/24, eth2: 10.2.0.2/24 } }
  b: { interfaces: { eth1: 10.1.0.3/24, eth2: 10.2.0.3/24 } }
links:
  - { ends: [a:eth1, b:eth1] }
  - { ends: [a:eth2, b:eth2] }
flows: { data: { kind: mptcp, from: b, to: a } }
`;
    const [flow] = parseExperiment(SIDE, 'side').cells[0]!.flows;
    expect(flow).toEqual({
      ...{ name: 'data', kind: 'mptcp', from: 'b', to: 'a', client: 'b', source: '10.1.0.3', destination: '10.1.0.2', port: 5001 },
      ...{ sources: ['10.1.0.3', '10.2.0.3'], destinations: ['10.1.0.2', '10.2.0.2'], rate: 0, size: 1200, protectedBy: null },
    });
  });
});

describe('pinned', () => {
  test.each([
    [
      'without an address of its own',
      (text: string) =>
        text
          .replace(/ {2}path2: .*\n/, '')
          .replace(' initiatorAddress: 10.1.0.2,', '')
          .replace(/security: .*\]/, 'security: [esp-tunnel]'),
    ],
    ['with MOBIKE', (text: string) => text.replaceAll('mobility: none', 'mobility: mobike')],
  ])('not %s', (_, edit) => {
    for (const cell of load(edit).cells) for (const connection of cell.ipsec) expect(connection).not.toHaveProperty('pinned');
  });
});
