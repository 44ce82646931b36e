import { describe, expect, it } from 'vitest';
import { analyseRun, type MetricInput } from '../../src/metrics/index.ts';
import { wayInTunnel } from '../../src/metrics/way.ts';
import type { WireguardTunnel } from '../../src/types/experiment.ts';
import type { Packet } from '../../src/types/packet.ts';
import type { DeliveryRecord } from '../../src/types/run.ts';
import { cell, data, flow, MAC, ms, NEW, OLD, packet, run, SGW } from './build.ts';

const [MINE, THEIRS] = ['10.20.0.1', '10.20.0.2'];
const TUNNEL: WireguardTunnel = {
  name: 'wg',
  initiator: 'mn',
  responder: 'sgw',
  responderAddress: SGW,
  port: 51_820,
  initiatorInner: MINE,
  responderInner: THEIRS,
};
const of = cell({ ipsec: [], wireguard: [TUNNEL], flows: [flow('up', 0, { source: MINE, destination: THEIRS, protectedBy: 'wg' })] });

/** 100/s up in WireGuard: eth0 goes down at 2000, the route falls over and packets leave by eth1 from 2050 on. */
function handover(): { input: MetricInput; tap: (node: string, name: string) => Packet[] } {
  const one = (node: string, name: string, mac: string) => ({ node, interface: name, mac, packets: [] as Packet[] });
  const captures = [
    ...[one('mn', 'eth0', MAC.mn0), one('mn', 'eth1', MAC.mn1), one('sgw', 'eth0', MAC.sgw)],
    ...[one('mn', 'wg', ''), one('sgw', 'wg', '')],
  ];
  const tap = (node: string, name: string) => captures.find((capture) => capture.node === node && capture.interface === name)!.packets;
  const log: DeliveryRecord[] = [];
  const transport = (t: number, src: string) =>
    packet(t, { src, dst: SGW, srcPort: 51_820, dstPort: 51_820, payload: Uint8Array.from({ length: 96 }, (_, i) => (i === 0 ? 4 : 0)) });
  for (let seq = 0; seq < 300; seq += 1) {
    const sent = ms(1000 + 10 * seq);
    const gone = sent >= ms(2000);
    tap('mn', 'wg').push(data(sent + 1000, 0, seq, sent, MINE, THEIRS));
    if (gone && sent < ms(2050)) continue;
    const [name, src, mac] = gone ? (['eth1', NEW, MAC.mn1] as const) : (['eth0', OLD, MAC.mn0] as const);
    tap('mn', name).push({ ...transport(sent + 2000, src), srcMac: mac, dstMac: MAC.gw });
    tap('sgw', 'eth0').push({ ...transport(sent + ms(2), src), srcMac: MAC.gw, dstMac: MAC.sgw });
    tap('sgw', 'wg').push(data(sent + ms(2) + 1000, 0, seq, sent, MINE, THEIRS));
    log.push([seq, sent, sent + ms(2) + 2000, sent + ms(2) + 9000]);
  }
  const input: MetricInput = {
    cell: of,
    run: run({ flowsSent: { up: 300 } }),
    events: [{ index: 0, kind: 'admin-down', node: 'mn', requested: ms(2000), issued: ms(2000), confirmed: ms(2000), notifications: [] }],
    captures,
    logs: [],
    deliveries: { up: log },
  };
  return { input, tap };
}

describe('a flow in WireGuard', () => {
  it('is read on the tunnel, and moves with the tunnel’s own packets', () => {
    const facts = analyseRun(handover().input);
    expect(facts.flows.up).toMatchObject({ received: 295, lost: 5, duplicated: 0 });
    expect(facts.metrics['T_STALLED.up']).toBeCloseTo(0.06, 9);
    expect(facts.metrics.T_SYS).toBeCloseTo(0.050002, 9);
    expect(facts.gates.filter((gate) => !gate.ok)).toEqual([]);
  });

  it('is a leak on any other interface', () => {
    const { input, tap } = handover();
    tap('mn', 'eth1').push({ ...data(ms(2010), 0, 101, ms(2010), MINE, THEIRS), srcMac: MAC.mn1 });
    tap('sgw', 'eth0').push({ ...data(ms(2012), 0, 101, ms(2010), MINE, THEIRS), dstMac: MAC.sgw });
    const gate = analyseRun(input).gates.find(({ name }) => name === 'cleartext')!;
    expect(gate).toMatchObject({
      ok: false,
      detail: `1 packets ${MINE} > ${THEIRS} protocol 17 left mn:eth1; 1 packets flow up arrived in clear at sgw:eth0`,
    });
  });

  it('is missing when its tunnel showed nothing', () => {
    const { input } = handover();
    const facts = analyseRun({ ...input, captures: input.captures.filter((capture) => capture.interface !== 'wg') });
    expect(facts.gates.find(({ name }) => name === 'decrypted')!.detail).toBe('no packet of flow up in its tunnel');
  });

  it('costs instructions from the application to the packet that leaves the node, and back', () => {
    const { input } = handover();
    const facts = analyseRun({ ...input, cell: { ...of, measure: ['CPU'] }, cpuRate: 1e9 });
    expect(facts.metrics['CPU.mn.up']).toBeCloseTo(2000, 3);
    expect(facts.metrics['CPU.sgw.up']).toBeCloseTo(9000, 3);
  });
});

it('the inner addresses of a tunnel tell the way', () => {
  const [mine, theirs] = [wayInTunnel(TUNNEL, 'mn'), wayInTunnel(TUNNEL, 'sgw')];
  const there = packet(0, { src: MINE, dst: THEIRS });
  const beyond = packet(0, { src: MINE, dst: '10.8.0.1' });
  expect([mine(there), theirs(there), mine(beyond), theirs(beyond)]).toEqual(['out', 'in', 'out', 'in']);
  expect(mine(packet(0, { src: '10.8.0.1', dst: '10.8.0.2' }))).toBeNull();
});
