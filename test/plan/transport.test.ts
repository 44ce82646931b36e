import { describe, expect, test } from 'vitest';
import { runPlan } from '../../src/plan/plan.ts';
import { planText } from '../../src/plan/print.ts';
import type { Step } from '../../src/plan/step.ts';
import type { CellExperiment, SctpSettings, TcpSettings } from '../../src/types/experiment.ts';
import { cell, flow } from '../metrics/build.ts';

const settings: SctpSettings = {
  ...{ rtoInitial: 3, rtoMin: 0.3, rtoMax: 60, pathMaxRetrans: 5, associationMaxRetrans: 10, heartbeat: 30 },
  ...{ pfRetrans: null, sackDelay: 0.2, asconf: true, autoAsconf: false },
};
const many = { sources: ['10.1.0.2', '10.2.0.2'], destinations: ['10.3.0.2'], client: 'mn' };
const plan = (c: CellExperiment) => runPlan(c, { seed: 7, netemSeed: true, nullEvent: false, psk: () => 'secret' });
const of = <K extends Step['do']>(c: CellExperiment, kind: K) =>
  plan(c)
    .flat()
    .filter((s): s is Extract<Step, { do: K }> => s.do === kind);

describe('SCTP', () => {
  const sctp = cell({ flows: [flow('data', 0, { kind: 'sctp', ...many, sctp: settings })] });
  const settingsOf = (node: string) => new Map(of(sctp, 'settings').find((s) => s.node === node)?.settings ?? []);

  test('both ends get the protocol parameters, in ms', () => {
    for (const node of ['mn', 'sgw']) {
      const found = settingsOf(node);
      expect(found.get('net.sctp.rto_min')).toBe('300');
      expect(found.get('net.sctp.hb_interval')).toBe('30000');
      expect(found.get('net.sctp.pf_enable')).toBe('0');
      expect(found.get('net.sctp.addip_enable')).toBe('1');
      expect(found.get('net.sctp.auth_enable')).toBe('1');
    }
  });

  test('others get none', () => {
    expect(of(cell(), 'settings').flatMap((s) => s.settings.filter(([name]) => name.startsWith('net.sctp.')))).toEqual([]);
  });

  test('the largest RTO is written while the smallest is 1 ms: the kernel compares them', () => {
    const names = (of(sctp, 'settings').find((s) => s.node === 'mn')?.settings ?? []).filter(([name]) => /rto_m/.test(name));
    expect(names).toEqual([
      ['net.sctp.rto_min', '1'],
      ['net.sctp.rto_max', '60000'],
      ['net.sctp.rto_min', '300'],
    ]);
  });

  test('asconf is no step: it happens among the packets', () => {
    const timeline = [{ at: 1, kind: 'asconf' as const, node: 'mn', flow: 'data', action: 'add' as const, address: '10.2.0.2' }];
    expect(of({ ...sctp, timeline }, 'event')).toEqual([]);
    expect(of({ ...sctp, timeline }, 'control')).toEqual([]);
  });

  test('the printed plan says which addresses the association has', () => {
    expect(planText(sctp, 7)).toContain('SCTP 10.1.0.2 10.2.0.2 (mn) -> 10.3.0.2 port 7000 (sgw), opened by mn');
  });
});

describe('TCP', () => {
  const old: TcpSettings = {
    ...{ congestion: 'reno', sack: false, timestamps: false, windowScaling: false },
    ...{ modernRecovery: false, ecn: false, buffer: 65_535, initialWindow: 2 },
  };
  const bulk = (settings?: Partial<TcpSettings>, more = {}) => {
    const tcp = settings === undefined ? {} : { tcp: { ...old, ...settings } };
    const plain = cell({ flows: [flow('data', 0, { kind: 'tcp', ...tcp, ...more })] });
    return { ...plain, nodes: plain.nodes.map((n) => ({ ...n, routes: [{ to: 'default', via: '10.1.0.1' }, ...n.routes] })) };
  };
  const settingsOf = (c: CellExperiment, node: string) =>
    Object.fromEntries(of(c, 'settings').flatMap((s) => (s.node === node ? s.settings.filter(([name]) => name.includes('tcp')) : [])));
  const routes = (c: CellExperiment, node: string) =>
    of(c, 'batch').flatMap((s) => (s.node === node ? s.lines.filter((line) => line.startsWith('route')) : []));

  test('both ends are as old as asked', () => {
    for (const node of ['mn', 'sgw']) {
      expect(settingsOf(bulk({}), node)).toEqual({
        'net.ipv4.tcp_congestion_control': 'reno',
        'net.ipv4.tcp_sack': '0',
        'net.ipv4.tcp_timestamps': '0',
        'net.ipv4.tcp_window_scaling': '0',
        'net.ipv4.tcp_ecn': '0',
        'net.ipv4.tcp_recovery': '0',
        'net.ipv4.tcp_early_retrans': '0',
        'net.ipv4.tcp_frto': '0',
        'net.ipv4.tcp_no_metrics_save': '1',
        'net.ipv4.tcp_moderate_rcvbuf': '0',
        'net.ipv4.tcp_rmem': '262140 262140 262140',
        'net.ipv4.tcp_wmem': '131070 131070 131070',
      });
    }
  });

  test('what is left to the kernel is not written', () => {
    expect(settingsOf(bulk(), 'mn')).toEqual({});
    const names = Object.keys(settingsOf(bulk({ buffer: null }), 'mn'));
    expect(names.filter((name) => /mem|rcvbuf/.test(name))).toEqual([]);
    expect(settingsOf(bulk({ modernRecovery: true }), 'mn')).toMatchObject({ 'net.ipv4.tcp_early_retrans': '3', 'net.ipv4.tcp_frto': '2' });
  });

  test('the initial window is on every route of the sender, and on no other’s', () => {
    for (const line of routes(bulk({}), 'mn')) expect(line).toMatch(/ initcwnd 2$/);
    expect(routes(bulk({}), 'mn').length).toBeGreaterThan(0);
    for (const line of [...routes(bulk({}), 'sgw'), ...routes(bulk({ initialWindow: null }), 'mn'), ...routes(bulk(), 'mn')]) {
      expect(line).not.toContain('initcwnd');
    }
  });

  test('where a flow stays on the sender’s own network its destination gets a route for it', () => {
    const near = bulk({}, { source: '10.1.0.2', destination: '10.1.0.77' });
    expect(routes(near, 'mn').at(-1)).toMatch(/^route add 10\.1\.0\.77\/32 dev \w+ src 10\.1\.0\.2 initcwnd 2$/);
  });
});

describe('MPTCP', () => {
  const endpoints = (c: CellExperiment) =>
    of(c, 'batch')
      .filter((s) => s.phase === 'traffic')
      .map(({ node, lines: [limits, ...added] }) => {
        expect(limits).toBe('mptcp limits set subflow 8 add_addr_accepted 8');
        return [node, added];
      });

  test('the client’s further addresses become subflows, before the connection is opened', () => {
    const c = cell({ flows: [flow('data', 0, { kind: 'mptcp', ...many })] });
    expect(endpoints(c)).toEqual([
      ['mn', ['mptcp endpoint add 10.2.0.2 subflow']],
      ['sgw', []],
    ]);
    const order = plan(c).map((group) => group.map((s) => `${s.phase} ${s.do}`).join());
    expect(order.indexOf('traffic batch,traffic batch')).toBe(order.indexOf('traffic flows') - 1);
  });

  test('those of the end that does not open it are announced', () => {
    const c = cell({ flows: [flow('data', 0, { kind: 'mptcp', ...many, client: 'sgw' })] });
    expect(endpoints(c)).toEqual([
      ['mn', ['mptcp endpoint add 10.2.0.2 signal']],
      ['sgw', []],
    ]);
  });

  test('a node has one step and each endpoint once, whatever the number of its flows', () => {
    const back = { from: 'sgw', to: 'mn', sources: ['10.3.0.2'], destinations: ['10.1.0.2', '10.2.0.2'] };
    const flows = [
      flow('a', 0, { kind: 'mptcp', ...many }),
      flow('b', 1, { kind: 'mptcp', ...many }),
      flow('c', 2, { kind: 'mptcp', ...back, client: 'sgw' }),
    ];
    expect(endpoints(cell({ flows: flows.slice(0, 2) }))).toEqual([
      ['mn', ['mptcp endpoint add 10.2.0.2 subflow']],
      ['sgw', []],
    ]);
    expect(endpoints(cell({ flows }))[0]).toEqual(['mn', ['mptcp endpoint add 10.2.0.2 subflow signal']]);
  });
});

describe('WireGuard', () => {
  const tunnel = {
    ...{ name: 'wg1', initiator: 'mn', responder: 'sgw', responderAddress: '10.3.0.2', port: 51820 },
    ...{ initiatorInner: '10.10.1.1', responderInner: '10.9.1.1' },
  };
  const c = cell({ ipsec: [], wireguard: [tunnel], captures: [{ node: 'mn', interface: 'wg1' }] });

  test('an interface at each end before anything is captured; only the initiator’s has an address', () => {
    const groups = plan(c);
    const made = groups.findIndex((group) => group.some((s) => s.do === 'batch' && s.lines.some((l) => l.includes('type wireguard'))));
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(groups.findIndex((group) => group.some((s) => s.do === 'capture')));
    expect(groups[made]!.map((s) => (s.do === 'batch' ? s.lines : []))).toEqual([
      [
        'link add name wg1 type wireguard',
        'address add 10.10.1.1/32 dev wg1',
        'link set dev wg1 up',
        'route add 10.9.1.1/32 dev wg1 src 10.10.1.1',
      ],
      ['link add name wg1 type wireguard', 'link set dev wg1 up', 'route add 10.10.1.1/32 dev wg1 src 10.9.1.1'],
    ]);
  });

  test('keys are no part of the plan', () => {
    expect(of(c, 'wireguard').map(({ node }) => node)).toEqual(['mn', 'sgw']);
    expect(planText(c, 7)).toContain('PrivateKey = <private key of wg1 on mn, generated per run>');
  });
});
