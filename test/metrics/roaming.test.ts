/** Flows that go on from another address, without a virtual IP: transport mode, and sockets that have no address of their own. */
import { describe, expect, it } from 'vitest';
import { analyseRun, type MetricInput } from '../../src/metrics/index.ts';
import { entryOf } from '../../src/metrics/selectors.ts';
import type { CellExperiment } from '../../src/types/experiment.ts';
import { cell, DELAY, data, exchange, flow, handover, ike, ms, NEW, OLD, SERVED, SGW, sealed, VIP, type Wire } from './build.ts';

const FOREIGN = '192.0.2.7';

/** Host to host: `up` by route, `down` answers it. */
function hosts(fields: Partial<CellExperiment> = {}): CellExperiment {
  return cell({
    ipsec: [{ ...withoutVip(), mode: 'transport', initiatorNets: [`${OLD}/32`], responderNets: [`${SGW}/32`] }],
    flows: [
      flow('up', 0, { source: OLD, destination: SGW, byRoute: true }),
      flow('down', 1, { source: SGW, destination: OLD, answers: 'up' }),
    ],
    ...fields,
  });
}

function withoutVip(): CellExperiment['ipsec'][number] {
  const { virtualIp: _, ...rest } = cell().ipsec[0]!;
  return rest;
}

type Fate = 'sealed' | 'clear' | 'lost';

/** One packet of a flow between the hosts, from or to `local` of the MN, as both taps see it. */
function cross(wire: Wire, index: 0 | 1, seq: number, local: string, fate: Fate): void {
  if (fate === 'lost') return;
  const sent = ms(1000 + seq * 10);
  const arrived = sent + ms(DELAY);
  const [src, dst] = index === 0 ? [local, SGW] : [SGW, local];
  const port = local === OLD ? 'eth0' : 'eth1';
  const at = (t: number) => {
    const inner = data(t, index, seq, sent, src, dst);
    return fate === 'sealed' ? sealed(inner, src, dst, seq) : inner;
  };
  const [from, to] = index === 0 ? ['mn', 'sgw'] : ['sgw', 'mn'];
  const tap = (node: string | undefined) => (node === 'mn' ? port : 'eth0');
  wire.out(from!, tap(from), at(sent));
  wire.in(to!, tap(to), at(arrived));
  wire.log[index === 0 ? 'up' : 'down']!.push([seq, sent, arrived]);
}

/** The handover of build.ts with flows of their own: from 2000 ms on `up` leaves from NEW, and so the answers go there. */
function roaming(meanwhile: Fate, options: { cell?: CellExperiment; until?: number } = {}): MetricInput & { wire: Wire } {
  const input = handover({ cell: options.cell ?? hosts() });
  const { wire } = input;
  for (const capture of wire.captures) capture.packets = capture.packets.filter((seen) => seen.ike !== null);
  Object.assign(wire.log, { up: [], down: [] });
  for (let seq = 0; seq < 300; seq += 1) {
    const t = 1000 + seq * 10;
    const fate = t >= 2000 && t < (options.until ?? 2126) ? meanwhile : 'sealed';
    for (const index of [0, 1] as const) cross(wire, index, seq, t < 2000 ? OLD : NEW, fate);
  }
  return input;
}

const gate = (input: MetricInput, name: string) => analyseRun(input).gates.find((one) => one.name === name)!;

describe('a hard handover', () => {
  it('with nothing in clear is measured like one with a virtual IP', () => {
    const facts = analyseRun(roaming('lost'));
    expect(facts.gates.filter(({ ok }) => !ok)).toEqual([]);
    expect(facts.metrics.T_SYS).toBeCloseTo(0.11, 9);
    expect(facts.metrics['T_STALLED.up']).toBeCloseTo(0.14, 9);
    expect(facts.metrics['T_SWITCH.down']).toBeCloseTo(0.14, 9);
    expect(facts.flows.up).toMatchObject({ received: 287, lost: 13, duplicated: 0, reordered: 0 });
    const shown = facts.ladder.filter(({ kind }) => kind.endsWith('data')).map(({ label }) => label);
    expect(shown).toEqual([
      'last up packet, 99',
      'last down packet, 99',
      'up packet that ended the stall, 113',
      'down packet that ended the stall, 113',
    ]);
  });

  it('what leaves in clear from the new address is found, and is neither a delivery nor the end of T_SYS', () => {
    const input = roaming('clear');
    const facts = analyseRun(input);
    expect(facts.valid).toBe(false);
    expect(gate(input, 'cleartext').detail).toBe(
      `13 packets ${NEW} > ${SGW} protocol 17 left mn:eth1; 13 packets ${SGW} > ${NEW} protocol 17 left sgw:eth0; ` +
        '13 packets flow up arrived in clear at sgw:eth0; and 1 more kinds',
    );
    expect(facts.metrics.T_SYS).toBeCloseTo(0.11, 9);
    expect(facts.flows.up).toMatchObject({ received: 287, lost: 13 });
    expect(gate(input, 'receiver-log')).toMatchObject({
      ok: true,
      detail: 'up: 13 packets arrived in clear; down: 13 packets arrived in clear',
    });
  });

  it('a number that came in ESP as well is no excuse for the log', () => {
    const input = roaming('lost');
    input.wire.in('sgw', 'eth0', sealed(data(ms(2011), 0, 101, ms(2010), NEW, SGW), NEW, SGW));
    input.wire.in('sgw', 'eth0', data(ms(2012), 0, 101, ms(2010), NEW, SGW));
    expect(gate(input, 'receiver-log').detail).toBe('up: 1 packets on the wire only, 0 IPsec errors at sgw');
  });
});

describe('test packets in clear are found by their header, whatever their addresses are', () => {
  it('leaving the sender', () => {
    const input = roaming('lost');
    input.wire.out('mn', 'eth1', data(ms(2050), 0, 105, ms(2050), FOREIGN, '198.51.100.1'));
    expect(gate(input, 'cleartext').detail).toBe(`1 packets ${FOREIGN} > 198.51.100.1 protocol 17 left mn:eth1`);
  });

  it('arriving at the receiver', () => {
    const input = roaming('lost');
    input.wire.in('mn', 'eth1', data(ms(2050), 1, 105, ms(2048), SGW, FOREIGN));
    expect(gate(input, 'cleartext').detail).toBe('1 packets flow down arrived in clear at mn:eth1');
  });

  it('leaving the gateway of the sender, which is not a selector’s business', () => {
    const behind = cell({ flows: [flow('up', 0, { to: 'host' }), flow('down', 1, { from: 'host', answers: 'up' })] });
    const input = handover({ cell: behind });
    input.wire.in('sgw', 'eth0', data(ms(1499), 1, 50, ms(1499), SERVED, OLD));
    expect(gate(input, 'cleartext')).toMatchObject({ ok: true, detail: 'none' });
    input.wire.out('sgw', 'eth0', data(ms(1499), 1, 50, ms(1499), SERVED, OLD));
    expect(gate(input, 'cleartext').detail).toBe(`1 packets ${SERVED} > ${OLD} protocol 17 left sgw:eth0`);
  });

  it.each([
    ['mn', 'sgw', VIP, 'mn'],
    ['mn', 'host', VIP, 'mn'],
    ['host', 'sgw', VIP, 'mn'],
    ['sgw', 'mn', SERVED, 'sgw'],
    ['host', 'mn', SERVED, 'sgw'],
    ['sgw', 'host', SERVED, 'sgw'],
    ['host', 'server', SERVED, 'sgw'],
    ['server', 'host', VIP, 'mn'],
  ])('protection of what %s sends to %s from %s begins at %s', (from, to, source, entry) => {
    expect(entryOf(cell(), cell().ipsec[0]!, flow('up', 0, { from, to, source }))).toBe(entry);
  });
});

describe('T_SYS', () => {
  it('of a path that IKE made ready before ends with the first data that moves to it', () => {
    const input = roaming('lost', { until: 2030 });
    exchange(input.wire, 1500, 1506, 9, []);
    for (const { packets } of input.captures) {
      // switched by the event itself: no probe, no UPDATE after it
      packets.splice(0, Infinity, ...packets.filter(({ ike: info, t }) => info === null || t < ms(2000)));
    }
    expect(analyseRun(input).metrics.T_SYS).toBeCloseTo(0.03, 9);
    input.wire.out('mn', 'eth1', ike(ms(2005), NEW, SGW, { messageId: 10 }));
    expect(analyseRun(input).metrics.T_SYS).toBeCloseTo(0.03, 9);
  });

  it('without IPsec is the first packet from a new address, on the same interface too', () => {
    const clear = { protectedBy: null };
    const input = roaming('lost', {
      cell: hosts({ ipsec: [], flows: hosts().flows.map((one) => ({ ...one, ...clear })) }),
    });
    for (const capture of input.captures) {
      capture.packets = capture.packets.flatMap((seen) =>
        seen.esp?.inner ? [{ ...seen.esp.inner, srcMac: seen.srcMac, dstMac: seen.dstMac }] : [],
      );
    }
    const moved = input.wire.at('mn', 'eth1').packets.splice(0);
    input.wire.at('mn', 'eth0').packets.push(...moved.map((seen) => ({ ...seen, srcMac: '02:00:00:00:00:01' })));
    expect(analyseRun(input).metrics.T_SYS).toBeCloseTo(0.13, 9);
  });
});
