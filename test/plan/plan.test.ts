import { describe, expect, test } from 'vitest';
import { drainTime, preparationPlan, runPlan } from '../../src/plan/plan.ts';
import { planText } from '../../src/plan/print.ts';
import { netemWords } from '../../src/plan/shaping.ts';
import type { Step } from '../../src/plan/step.ts';
import { macOf } from '../../src/plan/topology.ts';
import { loadExperiment } from '../../src/spec/index.ts';
import type { CellExperiment, Flow, LabLink, MobilityEvent, Shape, TimedEvent } from '../../src/types/experiment.ts';
import { cell } from '../metrics/build.ts';

const HELLO = (await loadExperiment('topologies/hello.yaml')).cells[0]!;
const MULTIHOMING = (await loadExperiment('topologies/e2e/mobike-multihoming.yaml')).cells[1]!;
const SOFT = (await loadExperiment('topologies/e2e/mobikex-soft-tunnel.yaml')).cells[1]!;
const options = { seed: 7, netemSeed: true, nullEvent: false, psk: (name: string) => `psk of ${name}` };
const steps = (c: CellExperiment, more: Partial<typeof options> = {}) => runPlan(c, { ...options, ...more }).flat();
const of = <K extends Step['do']>(all: Step[], kind: K) => all.filter((s): s is Extract<Step, { do: K }> => s.do === kind);

describe('the printed plan', () => {
  test.each([
    ['hello', HELLO],
    ['mobike-multihoming', MULTIHOMING],
    ['mobikex-soft-tunnel', SOFT],
  ])('of %s', async (name, c) => {
    await expect(planText(c, 7)).toMatchFileSnapshot(`./fixtures/${name}.sh`);
  });

  test('says which addresses of a flow may change', () => {
    const [up, down] = cell().flows as [Flow, Flow];
    const flows = [
      { ...up, byRoute: true as const },
      { ...down, answers: 'up' },
    ];
    const printed = planText({ ...cell(), flows }, 7).match(/^# (up|down): UDP [^,]*(, [^,]* at start[^,]*)?/gm);
    expect(printed).toEqual([
      '# up: UDP source by route, 10.9.0.1 at start (mn) -> 10.8.0.1:7000 (sgw)',
      '# down: UDP 10.8.0.1 (sgw) -> where up came from (mn), 10.9.0.1:7001 at start',
    ]);
  });

  test('shows no secret, and numbers every step', () => {
    const text = planText(HELLO, 7);
    expect(text).toContain('<psk of tunnel, generated per run>');
    const numbers = [...text.matchAll(/^# (\d+)\. \[/gm)].map((m) => Number(m[1]));
    expect(numbers).toEqual(Array.from({ length: steps(HELLO).length }, (_, i) => i + 1));
  });
});

describe('planning', () => {
  test('of dormant connections the first of the file is made last: its tunnel gets the route', () => {
    const [one] = cell().ipsec;
    const pinned = ['path1', 'path2', 'path3'].map((name) => ({ ...one!, name, mobility: 'none' as const, pinned: true as const }));
    const made = of(steps(cell({ ipsec: [...pinned, { ...one!, name: 'roams' }] })), 'initiate').map(({ connection }) => connection);
    expect(made).toEqual(['roams', 'path3', 'path2', 'path1']);
  });

  test('is a function of its input: the same twice, and the input untouched', () => {
    const before = JSON.stringify(MULTIHOMING);
    const frozen = JSON.parse(before, (_, value) => Object.freeze(value)) as CellExperiment;
    expect(runPlan(frozen, options)).toEqual(runPlan(MULTIHOMING, options));
    expect(JSON.stringify(MULTIHOMING)).toBe(before);
  });

  test('a step is data: it survives JSON, as the guest’s job and --json need', () => {
    const plan = runPlan(MULTIHOMING, options);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  test('order: captures before IKE, key logs off before flows, events after flows, collect last', () => {
    const kinds = steps(HELLO).map((s) => s.do);
    const at = (kind: Step['do']) => kinds.indexOf(kind);
    expect(at('open')).toBe(0);
    expect(kinds.lastIndexOf('capture')).toBeLessThan(at('initiate'));
    expect(kinds.lastIndexOf('initiate')).toBeLessThan(at('quiet'));
    expect(kinds.lastIndexOf('quiet')).toBeLessThan(at('flows'));
    expect(kinds.lastIndexOf('arm')).toBeLessThan(at('flows'));
    expect(at('flows')).toBeLessThan(at('event'));
    expect(at('collect')).toBe(kinds.length - 1);
  });

  test('the seed decides netem’s randomness, where there is some; without netem seeds it is left out', () => {
    const jittery = {
      ...HELLO,
      links: HELLO.links.map((l) => (l.forward === null ? l : { ...l, forward: { ...l.forward, jitter: 0.001 } })),
    };
    const netem = (more: Partial<typeof options>) =>
      planText(jittery, more.seed ?? 7, { netemSeed: more.netemSeed ?? true }).match(/seed \d+$/gm);
    expect(netem({})).toHaveLength(1);
    expect(netem({ seed: 8 })).not.toEqual(netem({}));
    expect(netem({ netemSeed: false })).toBeNull();
    expect(
      preparationPlan(jittery)
        .flat()
        .some((step) => JSON.stringify(step).includes('seed')),
    ).toBe(false);
  });

  test('the null plan is the plan without events and what waits for them', () => {
    const event = steps(MULTIHOMING);
    const none = steps(MULTIHOMING, { nullEvent: true });
    expect(none).toEqual(event.filter((s) => s.do !== 'event' && s.do !== 'arm'));
    expect(event.length - none.length).toBe(2);
  });

  test('a cell with nothing to protect has no charon; one without flows no traffic', () => {
    const kinds = steps(cell({ ipsec: [], flows: [] })).map((s) => s.do);
    for (const kind of ['charon', 'private-run', 'load', 'initiate', 'quiet', 'flows'] as const) expect(kinds).not.toContain(kind);
  });
});

describe('every event', () => {
  const at = { node: 'mn', interface: 'eth1' };
  const events: MobilityEvent[] = [
    { kind: 'admin-down', ...at },
    { kind: 'interface-up', ...at },
    { kind: 'carrier-off', ...at },
    { kind: 'blackhole', ...at },
    { kind: 'readdress', ...at, from: '10.1.0.2/24', to: '10.1.0.3/24', routes: [] },
    { kind: 'route-swap', node: 'mn', remove: [], add: [{ to: 'default', via: '10.1.0.1' }] },
  ];
  test.each(events)('$kind: planned at its time, with somebody waiting wherever it acts', (event) => {
    const timed: TimedEvent = { ...event, at: 1.5 };
    const all = steps({ ...HELLO, timeline: [timed] });
    const [planned, ...more] = of(all, 'event');
    expect(more).toEqual([]);
    expect(planned).toMatchObject({ event: timed, index: 0 });
    expect(planned!.batches.flatMap((b) => b.lines).length).toBeGreaterThan(0);
    expect(new Set(of(all, 'arm').map((s) => s.node))).toEqual(new Set(planned!.batches.map((b) => b.node)));
    expect(planText({ ...HELLO, timeline: [timed] }, 1)).toContain(planned!.batches[0]!.lines.join('\n'));
  });

  test('several events keep their order and index', () => {
    const timeline = events.map((event, i) => ({ ...event, at: i }));
    expect(of(steps({ ...HELLO, timeline }), 'event').map((s) => [s.index, s.event.kind])).toEqual(events.map((e, i) => [i, e.kind]));
  });
});

describe('netem’s words', () => {
  const shape = (more: Partial<Shape>): Shape => ({ delay: 0, jitter: 0, rate: 0, loss: 0, limit: 1000, ...more });
  test.each<[string, Partial<Shape>]>([
    ['limit 1000', {}],
    ['limit 1000 delay 7500us', { delay: 0.0075 }],
    ['limit 50 delay 7500us 250us rate 20000000bit', { limit: 50, delay: 0.0075, jitter: 0.00025, rate: 20e6 }],
    ['limit 1000 delay 0us 100us', { jitter: 0.0001 }],
    ['limit 1000 loss 1%', { loss: 0.01 }],
    ['limit 1000 loss 0.0001%', { loss: 1e-6 }],
    ['limit 1000 loss 100%', { loss: 1 }],
    ['limit 1000 delay 600000us rate 1200000000bit', { delay: 0.6, rate: 1.2e9 }],
  ])('%s', (words, more) => {
    expect(netemWords(shape(more))).toBe(words);
  });

  test('are what is read back', () => {
    for (const { expect: asked } of of(steps(HELLO), 'verify-shape')) {
      for (const { dev, shape: wanted } of asked)
        expect(planText(HELLO, 7)).toContain(`qdisc add dev ${dev} root netem ${netemWords(wanted)}`);
    }
    expect(of(steps(HELLO), 'verify-shape')[0]!.expect).toHaveLength(2);
  });
});

test('drain time: twice the longest way through all links, and a fifth of a second', () => {
  const link = (forward: number | null, backward: number | null): LabLink => {
    const one = (delay: number | null) => (delay === null ? null : { delay, jitter: 0, rate: 0, loss: 0, limit: 1000 });
    return {
      name: 'l',
      ends: [
        { node: 'a', interface: 'a' },
        { node: 'b', interface: 'b' },
      ],
      forward: one(forward),
      backward: one(backward),
    };
  };
  expect(drainTime(cell({ links: [] }))).toBe(0.2);
  expect(drainTime(cell({ links: [link(0.01, 0.05), link(null, 0.3), link(null, null)] }))).toBeCloseTo(0.9, 9);
});

test('MACs: locally administered unicast, one per interface, and always the same one', () => {
  const names = Array.from({ length: 500 }, (_, i) => ({ node: `n${i % 20}`, interface: `eth${i}` }));
  const macs = names.map((end) => macOf(end));
  for (const mac of macs) expect(mac).toMatch(/^02(:[0-9a-f]{2}){5}$/);
  expect(new Set(macs).size).toBe(500);
  expect(names.map((end) => macOf(end))).toEqual(macs);
});
