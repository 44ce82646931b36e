import { describe, expect, test } from 'vitest';
import { helperKeySteps, helperSetups, helperSteps } from '../../src/plan/helper.ts';
import { runPlan } from '../../src/plan/plan.ts';
import { planText } from '../../src/plan/print.ts';
import type { Step } from '../../src/plan/step.ts';
import { loadExperiment } from '../../src/spec/index.ts';
import type { CellExperiment, MmlTunnel } from '../../src/types/experiment.ts';

const FIGURES = (await loadExperiment('topologies/mml/fig15-16.yaml')).cells;
const figure = (config: string): CellExperiment => FIGURES.find(({ values }) => values.config === config)!;
const options = { seed: 7, netemSeed: true, nullEvent: false, psk: () => 'secret' };
const plan = (c: CellExperiment) => runPlan(c, options);
const of = <K extends Step['do']>(steps: Step[], kind: K) => steps.filter((s): s is Extract<Step, { do: K }> => s.do === kind);
const changed = (c: CellExperiment, more: Partial<MmlTunnel>): CellExperiment => ({ ...c, mml: c.mml!.map((t) => ({ ...t, ...more })) });
const setups = (c: CellExperiment) => Object.fromEntries(helperSetups(c).map(({ node, setup }) => [node.name, setup]));
const lines = (c: CellExperiment, node: string) =>
  of(helperSteps(c).flat(), 'batch').flatMap((step) => (step.node === node ? step.lines : []));

describe('the printed plan', () => {
  test('of ESP in zones with SNOOP, bit errors and settings of TCP', async () => {
    await expect(planText(figure('mml-snoop'), 7)).toMatchFileSnapshot('./fixtures/mml-snoop.sh');
  });
});

describe('who has a helper', () => {
  test.each([
    ['reno', []],
    ['snoop', ['nets']],
    ['ipsec', ['mets', 'tlp1']],
    ['mml', ['mets', 'nets', 'tlp1']],
    ['mml-snoop', ['mets', 'nets', 'tlp1']],
  ])('%s', (config, nodes) => {
    expect(Object.keys(setups(figure(config)))).toEqual(nodes);
    expect(of(plan(figure(config)).flat(), 'private-run').map(({ node }) => node)).toEqual(nodes);
  });

  test('no agent where everything is one zone', () => {
    expect(setups(changed(figure('mml'), { boundaries: [] }))).not.toHaveProperty('nets');
  });
});

describe('what it is told', () => {
  test('an end: its side of the tunnel', () => {
    const { mets, tlp1 } = setups(figure('mml'));
    const common = { name: 's2s', mode: 'tunnel', mtu: 1431, encapsulation: 'esp', speed: 'faithful', dynamic: null };
    const [home, mobile] = [
      { outer: '10.3.0.2', inner: '10.9.0.1/32' },
      { outer: '10.1.0.2', inner: '10.10.0.2/32' },
    ];
    const side = (own: typeof home, other: typeof home) => ({
      ...common,
      ...{ local: own.outer, remote: other.outer, localInner: own.inner, remoteInner: other.inner },
    });
    expect(mets).toEqual({ tunnels: [side(home, mobile)], agent: null, profile: false });
    expect(tlp1).toEqual({ tunnels: [side(mobile, home)], agent: null, profile: false });
  });

  test('an agent with SNOOP: all addresses behind its wireless interface, in clear and inside; one without: none', () => {
    expect(setups(figure('mml-snoop')).nets?.agent?.mobile).toEqual(['10.1.0.2/32', '10.10.0.2/32']);
    expect(setups(figure('snoop')).nets?.agent?.mobile).toEqual(['10.1.0.2/32']);
    expect(setups(figure('mml')).nets?.agent).toEqual({ tun: 'tfa0', snoop: null, mobile: [], plain: [] });
  });

  test('an agent: of which tunnels packets may come without protection', () => {
    const plainOf = (dynamic: NonNullable<MmlTunnel['dynamic']>) => setups(changed(figure('mml-snoop'), { dynamic })).nets?.agent?.plain;
    const agreed = { everyNth: 5, otherwise: 'plain' as const, perFlow: [] };
    expect(plainOf(agreed)).toEqual([{ ends: ['10.1.0.2', '10.3.0.2'], inner: ['10.10.0.2/32', '10.9.0.1/32'], dynamic: agreed }]);
    expect(plainOf({ everyNth: 5, otherwise: 'ipsec', perFlow: [{ port: 5001, mode: 'plain' }] })).toHaveLength(1);
    expect(plainOf({ everyNth: 5, otherwise: 'ipsec', perFlow: [{ port: 5001, mode: 'mml' }] })).toEqual([]);
  });

  test('what lies beyond the agent itself is not behind its interface', () => {
    const c = figure('snoop');
    const nets = c.nodes.find(({ name }) => name === 'nets')!;
    const turned = { ...c, nodes: c.nodes.map((n) => (n === nets ? { ...n, snoop: { ...n.snoop!, wireless: 'k0' } } : n)) };
    expect(setups(turned).nets?.agent?.mobile).toEqual(['10.3.0.2/32', '10.9.0.1/32', '10.3.0.1/32', '10.2.0.1/32']);
  });

  test('to time its stages, where they are measured', () => {
    expect(setups({ ...figure('mml'), measure: ['stages'] }).mets?.profile).toBe(true);
  });
});

describe('routes', () => {
  test('through the tunnel: the initiator’s address is on it; the sender’s has the initial window', () => {
    expect(lines(figure('mml'), 'mets')).toContain('route add 10.10.0.2/32 dev s2s src 10.9.0.1 initcwnd 2');
    expect(lines(figure('mml'), 'tlp1')).toEqual(
      expect.arrayContaining(['address add 10.10.0.2/32 dev s2s', 'route add 10.9.0.1/32 dev s2s src 10.10.0.2']),
    );
  });

  test('where the tunnel is gone, nothing leaves by another way', () => {
    expect(lines(figure('mml'), 'mets')).toContain('route add unreachable 10.10.0.2/32 metric 4294967295');
    expect(lines(figure('mml'), 'tlp1')).toContain('route add unreachable 10.9.0.1/32 metric 4294967295');
  });

  const rules = (c: CellExperiment) =>
    lines(c, 'nets').flatMap((line) => /^rule add iif k0 (.*) table 100 priority 900$/.exec(line)?.[1] ?? []);

  test('an agent gets what may be its business, from all of its links, and nothing that comes back', () => {
    expect(rules(figure('mml'))).toEqual(['ipproto 50']);
    expect(rules(figure('mml-snoop'))).toEqual(['ipproto 50', 'ipproto 6']);
    expect(rules(figure('snoop'))).toEqual(['ipproto 6']);
    expect(rules(changed(figure('mml'), { encapsulation: 'udp' }))).toEqual(['ipproto 17 dport 4500']);
    expect(rules(changed(figure('mml'), { dynamic: { everyNth: 2, otherwise: 'plain', perFlow: [] } }))).toEqual([
      'ipproto 50',
      'ipproto 4',
    ]);
    const all = lines(figure('snoop'), 'nets');
    expect(all[0]).toBe('route add default dev tfa0 table 100');
    expect(all.slice(1).map((line) => line.split(' ')[3])).toEqual(['k0', 'wl0']);
  });

  test('a table of the file’s is left alone', () => {
    const c = figure('mml');
    const routes = [{ to: 'default', via: '10.2.0.1', table: 100 }];
    const busy = {
      ...c,
      nodes: c.nodes.map((n) => (n.name === 'nets' ? { ...n, routes, rules: [{ from: '10.0.0.0/8', table: 101 }] } : n)),
    };
    expect(lines(busy, 'nets')[0]).toBe('route add default dev tfa0 table 102');
  });
});

describe('order', () => {
  test('helpers before captures, in the part that is stored; keys and bit errors after it, before the flows', () => {
    const kinds = plan(figure('mml-snoop')).map((group) => group.map((s) => s.do));
    const first = (kind: Step['do']) => kinds.findIndex((group) => group.includes(kind));
    expect(first('private-run')).toBeLessThan(first('helper'));
    expect(first('helper')).toBeLessThan(first('capture'));
    expect(first('capture')).toBeLessThan(first('bit-errors'));
    expect(first('bit-errors')).toBeLessThan(first('helper-keys'));
    expect(first('helper-keys')).toBeLessThan(first('flows'));
  });

  test('nothing about the helper depends on the run; agents are writers of their own', () => {
    const steps = helperKeySteps(figure('mml-snoop'));
    expect(of(steps, 'helper-keys').map(({ node, tunnels, agentOf, writer }) => [node, tunnels.length, agentOf.length, writer])).toEqual([
      ['mets', 1, 0, 0],
      ['nets', 0, 1, 1],
      ['tlp1', 1, 0, 0],
    ]);
    const helpers = (seed: number) => of(runPlan(figure('mml-snoop'), { ...options, seed }).flat(), 'helper');
    expect(helpers(1)).toEqual(helpers(2));
  });

  test('bit errors: both ends of the link, seeds of their own that follow from the run’s, or from the file’s', () => {
    const errors = (c: CellExperiment, seed: number) => of(runPlan(c, { ...options, seed }).flat(), 'bit-errors');
    const c = figure('reno');
    expect(errors(c, 7).map(({ end }) => `${end.node}:${end.interface}`)).toEqual(['nets:wl0', 'tlp1:wl0']);
    expect(new Set([...errors(c, 7), ...errors(c, 8)].map(({ seed }) => seed)).size).toBe(4);
    const fixed = { ...c, links: c.links.map((l) => (l.bitErrors === undefined ? l : { ...l, bitErrors: { ...l.bitErrors, seed: 3 } })) };
    expect(errors(fixed, 7)).toEqual(errors(fixed, 8));
  });

  test('a step is data', () => {
    expect(JSON.parse(JSON.stringify(plan(figure('mml-snoop'))))).toEqual(plan(figure('mml-snoop')));
  });
});
