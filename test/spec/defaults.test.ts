/** What the file need not say. */
import { describe, expect, test } from 'vitest';
import { PROFILES, parseExperiment } from '../../src/spec/index.ts';
import { queueLimit } from '../../src/spec/profiles.ts';

const BASE = `name: base
nodes:
  mn: { role: MN, interfaces: { eth1: 10.1.0.2/24, eth2: 10.2.0.2/24 }, routes: [default via 10.2.0.1 metric 50, default via 10.1.0.1 metric 200] }
  router: { role: router, interfaces: { mn1: 10.1.0.1/24, mn2: 10.2.0.1/24, sgw1: 10.3.0.1/24 } }
  sgw: { role: SGW, interfaces: { wan1: 10.3.0.2/24, lan1: { address: 10.9.0.1/24, kind: dummy } }, routes: [default via 10.3.0.1] }
links:
  - { ends: [mn:eth1, router:mn1], profile: public-hotspot, forward: { delay: 1ms }, backward: { loss: 1% } }
  - { ends: [mn:eth2, router:mn2], delay: 0ms }
  - ends: [router:sgw1, sgw:wan1]
`;
const cell = (more: string) => parseExperiment(BASE + more, 'test.yaml').cells[0]!;

test('the smallest file: one run of everything', () => {
  const loaded = parseExperiment('name: tiny\nnodes: { mn: { interfaces: {} } }\n', 'tiny.yaml');
  expect(loaded).toMatchObject({ name: 'tiny', runs: 10, seed: 1, clock: 'auto', backend: 'auto', features: ['netns'] });
  expect(loaded.cells).toMatchObject([{ cell: 'all', values: {}, duration: 4, links: [], flows: [], captures: [] }]);
  expect(loaded.cells[0]!.measure).toContain('T_STALLED');
});

test('forwarding follows the role', () => {
  expect(cell('').nodes.map((node) => node.forwarding)).toEqual([false, true, true]);
});

test('captures are the ends of links, not dummies', () => {
  expect(cell('').captures).toHaveLength(6);
  expect(cell('capture: [mn:eth1]\n').captures).toEqual([{ node: 'mn', interface: 'eth1' }]);
});

describe('shapes', () => {
  test('a direction overrides the profile key by key', () => {
    const { forward, backward } = cell('').links[0]!;
    expect(forward).toEqual({ delay: 0.001, jitter: 0, rate: 20e6, loss: 0, limit: 1000 });
    expect(backward).toEqual({ delay: 0.0075, jitter: 0, rate: 20e6, loss: 0.01, limit: 1000 });
  });
  test('nothing, or nothing but zeros, is unshaped', () => {
    expect(cell('').links.slice(1)).toMatchObject([
      { forward: null, backward: null },
      { forward: null, backward: null },
    ]);
  });
  test('the queue holds twice the bandwidth-delay product, at least 1000 packets', () => {
    expect(queueLimit({ delay: 0.1, jitter: 0, rate: 100e6, loss: 0 })).toBe(1667);
    expect(queueLimit({ delay: 0.1, jitter: 0, rate: 0, loss: 0 })).toBe(16667);
    expect(queueLimit(PROFILES['lab-ethernet'].shape)).toBe(1000);
  });
  test("the paper's round-trip times", () => {
    expect(2 * PROFILES['lab-ethernet'].shape.delay).toBeCloseTo(0.0007, 9);
    expect(2 * PROFILES['public-hotspot'].shape.delay).toBeCloseTo(0.015, 9);
  });
});

describe('IPsec', () => {
  test('outer addresses follow the best route, selectors the dummy network', () => {
    const [connection] = cell('ipsec: { t: { initiator: mn, responder: sgw, virtualIp: 10.10.0.1 } }\n').ipsec;
    expect(connection).toMatchObject({ initiatorAddress: '10.2.0.2', responderAddress: '10.3.0.2', mode: 'tunnel', mobility: 'mobike' });
    expect(connection).toMatchObject({ initiatorNets: ['10.10.0.1/32'], responderNets: ['10.9.0.0/24'] });
  });
  test('transport mode protects the outer addresses', () => {
    const made = cell('ipsec: { t: { initiator: mn, responder: sgw, mode: transport } }\nflows: { up: { from: mn, to: sgw } }\n');
    expect(made.ipsec[0]).toMatchObject({ initiatorNets: ['10.2.0.2/32'], responderNets: ['10.3.0.2/32'] });
    expect(made.flows[0]).toMatchObject({ source: '10.2.0.2', destination: '10.3.0.2', protectedBy: 't' });
  });
});

describe('flows', () => {
  const IPSEC = 'ipsec: { t: { initiator: mn, responder: sgw, virtualIp: 10.10.0.1 } }\n';
  test('the only connection protects them, in both directions', () => {
    const { flows } = cell(`${IPSEC}flows: { up: { from: mn, to: sgw }, down: { from: sgw, to: mn } }\n`);
    expect(flows).toMatchObject([
      { source: '10.10.0.1', destination: '10.9.0.1', port: 5001, protectedBy: 't', kind: 'udp', rate: 100, size: 200 },
      { source: '10.9.0.1', destination: '10.10.0.1', port: 5002, protectedBy: 't' },
    ]);
  });
  test('none means in clear, over the links', () => {
    const { flows } = cell(`${IPSEC}flows: { up: { from: mn, to: sgw, protectedBy: none } }\n`);
    expect(flows).toMatchObject([{ source: '10.2.0.2', destination: '10.3.0.2', protectedBy: null }]);
  });
  test('ports step around those the file takes', () => {
    const { flows } = cell(
      'flows: { a: { from: mn, to: sgw }, b: { from: mn, to: sgw, port: 5002 }, c: { kind: tcp, from: mn, to: sgw } }\n',
    );
    expect(flows.map((flow) => flow.port)).toEqual([5001, 5002, 5003]);
    expect(flows[2]).toMatchObject({ kind: 'tcp', rate: 0, size: 0 });
  });
});

describe('flows whose addresses change', () => {
  const hosts = (more: string, flows: string) =>
    cell(`ipsec: { t: { initiator: mn, responder: sgw, mode: transport${more} } }\nflows: ${flows}\n`).flows;
  const ROUTE = 'up: { from: mn, to: sgw, source: route }';

  test('the kernel picks the source: that of the best route at the start', () => {
    const route = { from: 'mn', source: '10.2.0.2', destination: '10.3.0.2', byRoute: true, protectedBy: 't' };
    expect(hosts('', `{ ${ROUTE} }`)).toMatchObject([route]);
    expect(hosts(', initiatorAddress: 10.1.0.2', `{ ${ROUTE} }`)).toMatchObject([route]);
    expect(hosts('', '{ up: { from: mn, to: sgw, source: route, protectedBy: none } }')).toMatchObject([{ ...route, protectedBy: null }]);
    const [flow] = hosts('', '{ up: { from: mn, to: sgw } }');
    expect(flow).not.toHaveProperty('byRoute');
    expect(flow).not.toHaveProperty('answers');
  });

  test('a virtual IP stays, whatever the routes are', () => {
    const tunnel = (more: string, flow = ROUTE) =>
      cell(`ipsec: { t: { initiator: mn, responder: sgw${more} } }\nflows: { ${flow} }\n`).flows[0];
    const bound = { source: '10.10.0.1', destination: '10.9.0.1', protectedBy: 't' };
    expect(tunnel(', virtualIp: 10.10.0.1')).toMatchObject(bound);
    expect(tunnel(', virtualIp: 10.10.0.1')).not.toHaveProperty('byRoute');
    expect(tunnel('')).toMatchObject({ source: '10.2.0.2', byRoute: true, protectedBy: 't' });
    const down = ROUTE.replace('from: mn, to: sgw', 'from: sgw, to: mn');
    expect(tunnel(', virtualIp: 10.10.0.1', down)).toMatchObject({ source: '10.9.0.1', destination: '10.10.0.1', byRoute: true });
  });

  test('an answer goes the way back, wherever it stands in the file, and keeps its place there', () => {
    const down = { name: 'down', from: 'sgw', to: 'mn', source: '10.3.0.2', destination: '10.2.0.2', answers: 'up' };
    const flows = (more: string) => hosts('', `{ down: { from: sgw, to: mn, answers: up${more} }, ${ROUTE} }`);
    expect(flows('')).toMatchObject([
      { ...down, port: 5001, protectedBy: 't' },
      { name: 'up', port: 5002 },
    ]);
    expect(flows(', protectedBy: none, port: 6000')).toMatchObject([
      { ...down, port: 6000, protectedBy: null },
      { port: 5001, protectedBy: 't' },
    ]);
    expect(flows(', protectedBy: t')).toMatchObject([{ ...down, protectedBy: 't' }, {}]);
    expect(hosts('', `{ ${ROUTE.replace('}', ', protectedBy: none }')}, down: { from: sgw, to: mn, answers: up } }`)).toMatchObject([
      { protectedBy: null },
      { ...down, protectedBy: null },
    ]);
  });

  test.each(['mobike', 'mobikex', 'none'])(
    'with mobility %s transport mode protects them between any addresses of the two hosts',
    (mobility) => {
      const nets = `, mobility: ${mobility}, initiatorNets: [10.7.0.0/24]`;
      const flows = hosts(
        nets,
        `{ ${ROUTE}, down: { from: sgw, to: mn, answers: up }, far: { from: sgw, to: mn, source: route, destination: 10.1.0.2 } }`,
      );
      expect(flows).toMatchObject([
        { source: '10.2.0.2', destination: '10.3.0.2', protectedBy: 't' },
        { source: '10.3.0.2', destination: '10.2.0.2', protectedBy: 't' },
        { source: '10.3.0.2', destination: '10.1.0.2', protectedBy: 't' },
      ]);
    },
  );

  test('MOBIKE-X protects flows with fixed addresses there too', () => {
    const nets = ', initiatorNets: [10.7.0.0/24]';
    const fixed =
      '{ up: { from: mn, to: sgw, source: 10.1.0.2 }, down: { from: sgw, to: mn, destination: 10.2.0.2 }, other: { from: mn, to: router } }';
    expect(hosts(`${nets}, mobility: mobike`, fixed).map((flow) => flow.protectedBy)).toEqual([null, null, null]);
    expect(hosts(`${nets}, mobility: mobikex`, fixed)).toMatchObject([
      { source: '10.1.0.2', destination: '10.3.0.2', protectedBy: 't' },
      { source: '10.3.0.2', destination: '10.2.0.2', protectedBy: 't' },
      { protectedBy: null },
    ]);
  });

  test('IPv6', () => {
    const six = BASE.replaceAll(/10\.(\d)\.0\.(\d)\/24/g, 'fd00:$1::$2/64').replaceAll(/10\.(\d)\.0\.(\d)/g, 'fd00:$1::$2');
    const loaded = parseExperiment(`${six}flows: { ${ROUTE}, down: { from: sgw, to: mn, answers: up } }\n`, 'six');
    expect(loaded.cells[0]!.flows[1]).toMatchObject({ source: 'fd00:3::2', destination: 'fd00:2::2' });
  });
});

describe('timeline', () => {
  test('is in order of time; a new address takes its routes along and may come back', () => {
    const to = (at: string, address: string) => `  - { at: ${at}, event: readdress, node: mn, interface: eth1, address: ${address} }\n`;
    const { timeline } = cell(`timeline:\n${to('3s', '10.1.0.2/24')}${to('2s', '10.1.0.3/24')}`);
    const routes = [{ to: 'default', via: '10.1.0.1', metric: 200 }];
    expect(timeline).toEqual([
      { at: 2, kind: 'readdress', node: 'mn', interface: 'eth1', from: '10.1.0.2/24', to: '10.1.0.3/24', routes },
      { at: 3, kind: 'readdress', node: 'mn', interface: 'eth1', from: '10.1.0.3/24', to: '10.1.0.2/24', routes },
    ]);
  });
  test('route-swap', () => {
    const event =
      '{ at: 1s, event: route-swap, node: mn, remove: [default via 10.2.0.1 metric 50], add: [{ to: 10.9.0.0/24, dev: eth1 }] }';
    expect(cell(`timeline: [${event}]\n`).timeline).toEqual([
      {
        at: 1,
        kind: 'route-swap',
        node: 'mn',
        remove: [{ to: 'default', via: '10.2.0.1', metric: 50 }],
        add: [{ to: '10.9.0.0/24', dev: 'eth1' }],
      },
    ]);
  });
});

test('IPv6 works like IPv4', () => {
  const text = BASE.replaceAll(/10\.(\d)\.0\.(\d)\/24/g, 'fd00:$1::$2/64').replaceAll(/10\.(\d)\.0\.(\d)/g, 'fd00:$1::$2');
  const loaded = parseExperiment(
    `${text}ipsec: { t: { initiator: mn, responder: sgw, virtualIp: "fd00:10::1" } }\nflows: { up: { from: mn, to: sgw } }\n`,
    'six',
  );
  expect(loaded.cells[0]!.flows[0]).toMatchObject({ source: 'fd00:10::1', destination: 'fd00:9::1' });
  expect(loaded.cells[0]!.ipsec[0]!.responderNets).toEqual(['fd00:9:0:0:0:0:0:0/64']);
  expect(loaded.features).toContain('esp6');
});

test('anchors and aliases are only another way to write', () => {
  const aliased = BASE.replace('profile: public-hotspot', 'profile: &p public-hotspot').replace('delay: 0ms', 'profile: *p');
  expect(parseExperiment(aliased, 'a').cells[0]!.links[1]!.profile).toBe('public-hotspot');
});
