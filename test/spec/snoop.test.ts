/** SNOOP on a node, and the link it is for: bit errors and priority. */
import { describe, expect, test } from 'vitest';
import { parseBitErrorRate } from '../../src/spec/ber.ts';
import { parseExperiment, SpecError } from '../../src/spec/index.ts';

const file = (snoop: string, link = '', more = '') => `name: base
nodes:
  mets: { role: server, interfaces: { eth0: 10.3.0.2/24, in0: { address: 10.9.0.1/24, kind: dummy } }, routes: [default via 10.3.0.1] }
  nets: { role: router, interfaces: { k0: 10.3.0.1/24, wl0: 10.1.0.1/24 }${snoop === '' ? '' : `, snoop: { ${snoop} }`} }
  tlp1: { role: MN, interfaces: { wl0: 10.1.0.2/24 }, routes: [default via 10.1.0.1] }
links:
  - ends: [mets:eth0, nets:k0]
  - { ends: [nets:wl0, tlp1:wl0]${link === '' ? '' : `, ${link}`} }
${more}`;
const load = (...parts: [string, string?, string?]) => parseExperiment(file(...parts), 'test.yaml');
const snoopOf = (...parts: [string, string?, string?]) =>
  load(...parts).cells.map(({ nodes }) => nodes.find(({ name }) => name === 'nets')!.snoop);
const codes = (...parts: [string, string?, string?]): string[] => {
  try {
    load(...parts);
  } catch (error) {
    if (error instanceof SpecError) return error.issues.map(({ code }) => code);
    throw error;
  }
  return [];
};

describe('settings', () => {
  test("Table 4's when the file says nothing", () => {
    expect(snoopOf('wireless: wl0')).toEqual([
      {
        ...{ wireless: 'wl0', maxWindow: 50, maxConnections: 64, maxRxmit: 4, dupThresh: 1, initialRto: 0.1, minRto: 0.1 },
        ...{ persistTimeout: 1, garbageTimeout: 10, priority: true },
      },
    ]);
  });

  test('all of them, in seconds', () => {
    const over = 'maxWindow: 10, maxConnections: 2, maxRxmit: 0, dupThresh: 2, initialRto: 200ms, minRto: 50ms';
    expect(snoopOf(`wireless: wl0, ${over}, persistTimeout: 500ms, garbageTimeout: 1min, priority: false`)).toEqual([
      {
        ...{ wireless: 'wl0', maxWindow: 10, maxConnections: 2, maxRxmit: 0, dupThresh: 2, initialRto: 0.2, minRto: 0.05 },
        ...{ persistTimeout: 0.5, garbageTimeout: 60, priority: false },
      },
    ]);
  });

  test('in some cells only; a TUN device is needed', () => {
    const loaded = load('wireless: wl0, only: { config: snoop }', '', 'matrix: { config: [reno, snoop] }\n');
    expect(loaded.cells.map(({ nodes }) => nodes[1]!.snoop?.wireless)).toEqual([undefined, 'wl0']);
    expect(loaded.features).toContain('tun');
    expect(load('').features).not.toContain('tun');
  });
});

describe('what it sees', () => {
  const flow = 'flows: { bulk: { kind: tcp, from: mets, to: tlp1 } }\n';
  const tunnel = (more: string) => `ipsec: { s2s: { kind: mml, initiator: tlp1, responder: mets, virtualIp: 10.10.0.2${more} } }\n`;

  test('TCP in clear, and zone 1 of tunnels it is an agent of', () => {
    expect(codes('wireless: wl0', '', flow)).toEqual([]);
    expect(codes('wireless: wl0', '', flow + tunnel(', agents: [nets]'))).toEqual([]);
    expect(codes('wireless: wl0', '', tunnel(''))).toEqual([]);
  });

  test('one legible flow is enough', () => {
    const both = 'flows: { bulk: { kind: tcp, from: mets, to: tlp1 }, open: { kind: tcp, from: mets, to: tlp1, protectedBy: none } }\n';
    expect(codes('wireless: wl0', '', both + tunnel(''))).toEqual([]);
  });

  test('data that leave by its wireless interface, in clear and in a tunnel', () => {
    const back = 'flows: { bulk: { kind: tcp, from: tlp1, to: mets } }\n';
    for (const way of ['', tunnel(', agents: [nets]')]) {
      expect(codes('wireless: wl0', '', back + way)).toEqual(['E_SPEC_SNOOP']);
      expect(codes('wireless: k0', '', back + way)).toEqual([]);
      expect(codes('wireless: k0', '', flow + way)).toEqual(['E_SPEC_SNOOP']);
    }
  });

  test('nothing of a tunnel whose keys it does not have', () => {
    expect(codes('wireless: wl0', '', flow + tunnel(''))).toEqual(['E_SPEC_SNOOP']);
    expect(codes('wireless: wl0', '', flow + tunnel(', zones: []'))).toEqual(['E_SPEC_SNOOP']);
  });
});

describe('bit errors', () => {
  test.each([
    [0, 0],
    ['0', 0],
    [1.9e-6, 1.9e-6],
    ['1.9e-6', 1.9e-6],
    ['1/512K', 1 / 524_288],
    ['1 / 8m', 1 / 8_388_608],
    ['1/65536', 1 / 65_536],
    ['1/10', 0.1],
  ])('%s', (written, ber) => expect(parseBitErrorRate(written)).toBe(ber));

  test.each([
    '',
    '1/',
    '2/512K',
    '1/512G',
    '1/0',
    '0x1',
    '1e-99999',
    '-1e-6',
    '1e400',
    0.2,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    {},
    true,
  ])('%s is none', (written) => expect(parseBitErrorRate(written)).toHaveProperty('code'));

  test('of a link, at both ends; the seed is the run’s unless the file has one', () => {
    const loaded = load('', `bitErrors: { ber: "\${ber}" }`, 'matrix: { ber: [0, 1/512K, 1.9e-6] }\n');
    expect(loaded.cells.map(({ links }) => links[1]!.bitErrors)).toEqual([
      { ber: 0, seed: null },
      { ber: 1 / 524_288, seed: null },
      { ber: 1.9e-6, seed: null },
    ]);
    expect(loaded.features).toContain('xdp');
    expect(load('', 'bitErrors: { ber: 1/8M, seed: 7 }').cells[0]!.links[1]!.bitErrors!.seed).toBe(7);
    expect(load('').features).not.toContain('xdp');
  });
});

describe('priority', () => {
  const shapes = (link: string) => load('', link).cells[0]!.links[1]!;

  test('where packets wait, in both directions', () => {
    const { forward, backward } = shapes('rate: 1450kbit, priority: true');
    expect([forward!.priority, backward!.priority]).toEqual([true, true]);
    expect(load('', 'rate: 1450kbit, priority: true').features).toContain('tbf');
  });

  test('a direction without a rate has no queue', () => {
    const { forward, backward } = shapes('delay: 1ms, forward: { rate: 1mbit }, priority: true');
    expect(forward!.priority).toBe(true);
    expect(backward).not.toHaveProperty('priority');
  });

  test('is asked for', () => expect(shapes('rate: 1450kbit, priority: false').forward).not.toHaveProperty('priority'));
});
