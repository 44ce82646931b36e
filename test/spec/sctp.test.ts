/** SCTP flows by themselves: settings, addresses, and their changes. */
import { describe, expect, test } from 'vitest';
import { parseExperiment } from '../../src/spec/index.ts';

const BASE = `name: base
nodes:
  mn:
    role: MN
    interfaces: { eth1: 10.1.0.2/24, eth2: { address: 10.2.0.2/24, up: false } }
    routes: [default via 10.1.0.1]
  router: { role: router, interfaces: { mn1: 10.1.0.1/24, mn2: 10.2.0.1/24, srv: 10.3.0.1/24 } }
  server: { role: server, interfaces: { eth0: 10.3.0.2/24 }, routes: [default via 10.3.0.1] }
links:
  - { ends: [mn:eth1, router:mn1] }
  - { ends: [mn:eth2, router:mn2] }
  - { ends: [router:srv, server:eth0] }
`;
const cell = (more: string) => parseExperiment(BASE + more, 'test.yaml').cells[0]!;
const flow = (more: string, timeline = '') =>
  cell(`flows: { data: { kind: sctp, from: server, to: mn${more} } }\ntimeline: [${timeline}]\n`).flows[0]!;

const MODERN = {
  ...{ rtoInitial: 1, rtoMin: 1, rtoMax: 60, pathMaxRetrans: 5, associationMaxRetrans: 10, heartbeat: 30 },
  ...{ pfRetrans: 0, sackDelay: 0.2, asconf: false, autoAsconf: false },
};

describe('settings', () => {
  test('RFC 9260 when the file says nothing; the MN opens; an interface that is down has no address yet', () => {
    expect(flow('')).toMatchObject({
      ...{ sctp: MODERN, client: 'mn', sources: ['10.3.0.2'], destinations: ['10.1.0.2'], rate: 0, size: 1200 },
    });
    expect(flow(', client: server, rate: 10/s')).toMatchObject({ client: 'server', rate: 10, size: 1000 });
    expect(flow(', rate: 0, size: 16000B')).toMatchObject({ rate: 0, size: 16000 });
  });

  test('a profile, and what is said over it', () => {
    const paper = { ...MODERN, rtoInitial: 3, pfRetrans: null };
    expect(flow(', sctp: { profile: paper2012 }').sctp).toEqual(paper);
    expect(flow(', sctp: { profile: paper2012, pfRetrans: 2, heartbeat: 500ms }').sctp).toEqual({ ...paper, pfRetrans: 2, heartbeat: 0.5 });
    const over =
      'rtoInitial: 300ms, rtoMin: 300ms, rtoMax: 1s, pathMaxRetrans: 1, associationMaxRetrans: 3, pfRetrans: off, sackDelay: 20ms';
    expect(flow(`, sctp: { ${over}, autoAsconf: true }`).sctp).toEqual({
      ...{ rtoInitial: 0.3, rtoMin: 0.3, rtoMax: 1, pathMaxRetrans: 1, associationMaxRetrans: 3, heartbeat: 30, pfRetrans: null },
      ...{ sackDelay: 0.02, asconf: true, autoAsconf: true },
    });
  });

  test('flows that share a node share what an event needs', () => {
    const { flows } = cell(`flows:
  data: { kind: sctp, from: server, to: mn }
  back: { kind: sctp, from: mn, to: server }
timeline: [{ at: 1s, event: asconf, flow: back, action: set-primary, address: 10.1.0.2 }]
`);
    expect(flows.map((one) => one.sctp!.asconf)).toEqual([true, true]);
  });
});

describe('asconf', () => {
  const asconf = (at: string, action: string, address: string) => `{ at: ${at}, event: asconf, action: ${action}, address: ${address} }`;
  const up = '{ at: 1s, event: interface-up, node: mn, interface: eth2 }';

  test('a soft handover: the new address is added, made primary, and the old one goes', () => {
    const events = [asconf('1.5s', 'add', '10.2.0.2'), asconf('2s', 'set-primary', '10.2.0.2'), asconf('3s', 'delete', '10.1.0.2'), up];
    const made = cell(`flows: { data: { kind: sctp, from: server, to: mn } }\ntimeline: [${events.join(', ')}]\n`);
    const common = { kind: 'asconf', node: 'mn', flow: 'data' };
    expect(made.timeline).toEqual([
      { at: 1, kind: 'interface-up', node: 'mn', interface: 'eth2' },
      { at: 1.5, ...common, action: 'add', address: '10.2.0.2' },
      { at: 2, ...common, action: 'set-primary', address: '10.2.0.2' },
      { at: 3, ...common, action: 'delete', address: '10.1.0.2' },
    ]);
    expect(made.flows[0]!.sctp!.asconf).toBe(true);
  });

  test('addresses are those of the time: a new one can be added, the one that is gone can be deleted', () => {
    const readdress = '{ at: 1s, event: readdress, node: mn, interface: eth1, address: 10.1.0.3/24 }';
    const events = [readdress, asconf('1.1s', 'add', '10.1.0.3'), asconf('1.2s', 'delete', '10.1.0.2')].join(', ');
    expect(flow('', events).sctp!.asconf).toBe(true);
    expect(() => flow('', `${asconf('500ms', 'add', '10.1.0.3')}, ${readdress}`)).toThrow('neither "server" nor "mn" has the address');
  });

  test('with autoAsconf the kernel may have been there first: nothing is known', () => {
    expect(flow(', sctp: { autoAsconf: true }', `${up}, ${asconf('2s', 'set-primary', '10.2.0.2')}`).sctp!.autoAsconf).toBe(true);
    expect(() => flow('', `${up}, ${asconf('2s', 'set-primary', '10.2.0.2')}`)).toThrow('does not have 10.2.0.2');
  });
});

test('IPv6', () => {
  const six = BASE.replaceAll(/10\.(\d)\.0\.(\d)\/24/g, '"fd00:$1::$2/64"').replaceAll(/10\.(\d)\.0\.(\d)/g, 'fd00:$1::$2');
  const made = parseExperiment(`${six}flows: { data: { kind: sctp, from: mn, to: server } }\n`, 'six').cells[0]!;
  expect(made.flows[0]).toMatchObject({ sources: ['fd00:1::2'], destinations: ['fd00:3::2'] });
});

test('CPU is measured when it is asked for', () => {
  expect(cell('').measure).not.toContain('CPU');
  expect(cell('').measure).toContain('T_SCTP');
  const asked = `measure: [CPU, throughput]\nflows: { data: { kind: "\${kind}", from: mn, to: server } }\n`;
  expect(cell(`${asked}matrix: { kind: [sctp, udp] }\n`).measure).toEqual(['CPU', 'throughput']);
});
