/** Tunnels of ESP in zones: what the file need not say, and what follows from what it says. */
import { describe, expect, test } from 'vitest';
import { NEVER } from '../../src/mlipsec/index.ts';
import { parseExperiment } from '../../src/spec/index.ts';

const BASE = `name: base
nodes:
  mets: { role: server, interfaces: { eth0: 10.3.0.2/24, in0: { address: 10.9.0.1/24, kind: dummy } }, routes: [default via 10.3.0.1] }
  nets: { role: router, interfaces: { k0: 10.3.0.1/24, wl0: 10.1.0.1/24 } }
  tlp1: { role: MN, interfaces: { wl0: 10.1.0.2/24 }, routes: [default via 10.1.0.1] }
links:
  - ends: [mets:eth0, nets:k0]
  - ends: [nets:wl0, tlp1:wl0]
`;
const load = (more: string, edit = (text: string) => text) => parseExperiment(edit(BASE) + more, 'test.yaml');
const tunnel = (more: string, edit?: (text: string) => string) =>
  load(`ipsec: { s2s: { kind: mml, initiator: tlp1, responder: mets, virtualIp: 10.10.0.2${more} } }\n`, edit).cells[0]!.mml![0]!;
const BULK = 'flows: { bulk: { kind: tcp, from: mets, to: tlp1 }, more: { kind: tcp, from: mets, to: tlp1 } }\n';

test('the smallest tunnel: two zones of AES-GCM, bound, as large as fits 1500 octets', () => {
  expect(tunnel('')).toEqual({
    ...{ name: 's2s', initiator: 'tlp1', responder: 'mets', initiatorAddress: '10.1.0.2', responderAddress: '10.3.0.2' },
    ...{ initiatorInner: '10.10.0.2', responderInner: '10.9.0.1', mtu: 1410, boundaries: [40], suite: 'aes128-gcm16', layout: 'P' },
    ...{ bind: 'hdr', encapsulation: 'esp', agents: [], speed: 'faithful' },
  });
});

test("the paper's: 3DES, nothing authenticated, so nothing bound", () => {
  const paper = ', agents: [nets], suite: 3des-cbc/none, fidelity: true';
  expect(tunnel(paper)).toMatchObject({ mtu: 1438, bind: 'none', agents: ['nets'], suite: '3des-cbc/none' });
  expect(tunnel(`${paper}, mtu: 1431`).mtu).toBe(1431);
});

describe('MTU: the largest packet whose sealed form fits', () => {
  test.each([
    ['zones: []', 1446],
    ['layout: C', 1422],
    ['encapsulation: udp', 1402],
    ['suite: aes256-cbc/sha256-128', 1382],
    ['zones: [], suite: 3des-cbc/none, fidelity: true', 1462],
  ])('%s', (more, mtu) => expect(tunnel(`, ${more}`).mtu).toBe(mtu));

  test('the narrowest interface on the way counts, at either end of a link', () => {
    const narrow = (interfaces: string) =>
      tunnel('', (text) => text.replace(interfaces, interfaces.replace(/(\w+): (\S+)$/, '$1: { address: $2, mtu: 1300 }')));
    expect(narrow('wl0: 10.1.0.2/24').mtu).toBe(1210);
    expect(narrow('k0: 10.3.0.1/24').mtu).toBe(1210);
  });
});

test('is an interface: captured at both ends, a tunnel to flows, a TUN device to the host', () => {
  const text = `ipsec: { s2s: { kind: mml, initiator: tlp1, responder: mets, virtualIp: 10.10.0.2 } }\n${BULK}capture: [tlp1:wl0]\n`;
  const loaded = load(text);
  expect(loaded.features).toEqual(['dummy', 'netns', 'tun', 'veth']);
  const [cell] = loaded.cells;
  expect(cell!.captures.map((end) => `${end.node}:${end.interface}`)).toEqual(['tlp1:wl0', 'tlp1:s2s', 'mets:s2s']);
  expect(cell!.flows[0]).toMatchObject({ source: '10.9.0.1', destination: '10.10.0.2', protectedBy: 's2s' });
  expect(cell).not.toHaveProperty('wireguard');
  expect(cell!.ipsec).toEqual([]);
});

test('the kinds of entries stand side by side, and by "only" in different cells', () => {
  const both = load(`matrix: { kind: [ike, mml] }
ipsec:
  t: { only: { kind: ike }, initiator: tlp1, responder: mets, virtualIp: 10.10.0.2 }
  s2s: { only: { kind: mml }, kind: mml, initiator: tlp1, responder: mets, virtualIp: 10.10.0.2 }
${BULK}capture: [mets:eth0]
`).cells;
  expect(both.map(({ flows, ipsec, mml }) => [flows[0]!.protectedBy, ipsec.length, mml?.length])).toEqual([
    ['t', 1, undefined],
    ['s2s', 0, 1],
  ]);
  expect(both.map(({ captures }) => captures.length)).toEqual([1, 3]);
  expect(load('ipsec: { t: { kind: ike, initiator: tlp1, responder: mets } }\n').cells[0]!.ipsec[0]).not.toHaveProperty('kind');
});

describe('dynamic', () => {
  const dynamic = (text: string) =>
    load(`ipsec: { s2s: { kind: mml, initiator: tlp1, responder: mets, virtualIp: 10.10.0.2, dynamic: ${text} } }\n${BULK}`).cells[0]!
      .mml![0]!.dynamic;

  test('without anything said everything is in zones, and the rest would be in clear', () => {
    expect(dynamic('{}')).toEqual({ everyNth: 1, otherwise: 'plain', perFlow: [] });
    expect(dynamic('{ everyNth: 10, otherwise: ipsec }')).toEqual({ everyNth: 10, otherwise: 'ipsec', perFlow: [] });
  });

  test('never: as the policy counts it', () => {
    expect(dynamic('{ everyNth: never }')!.everyNth).toBe(NEVER);
  });

  test('flows by name are known by their ports', () => {
    expect(dynamic('{ perFlow: { more: plain, 7: mml } }')!.perFlow).toEqual([
      { port: 7, mode: 'mml' },
      { port: 5002, mode: 'plain' },
    ]);
  });

  test('a flow of other cells is no mistake', () => {
    const [first, second] = load(`matrix: { n: [1, 2] }
ipsec: { s2s: { kind: mml, initiator: tlp1, responder: mets, virtualIp: 10.10.0.2, dynamic: { perFlow: { bulk: plain } } } }
flows: { bulk: { only: { n: 2 }, kind: tcp, from: mets, to: tlp1 } }
`).cells;
    expect([first, second].map((cell) => cell!.mml![0]!.dynamic!.perFlow.length)).toEqual([0, 1]);
  });
});

test('what a matrix chooses', () => {
  const cells = load(`matrix: { suite: [aes128-gcm16, null/sha1-96], bind: [none, seq] }
ipsec: { s2s: { kind: mml, initiator: tlp1, responder: mets, virtualIp: 10.10.0.2, suite: "\${suite}", bind: "\${bind}" } }
`).cells;
  expect(cells.map(({ mml }) => [mml![0]!.suite, mml![0]!.bind, mml![0]!.mtu])).toEqual([
    ['aes128-gcm16', 'none', 1410],
    ['aes128-gcm16', 'seq', 1410],
    ['null/sha1-96', 'none', 1434],
    ['null/sha1-96', 'seq', 1434],
  ]);
});
