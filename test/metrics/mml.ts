/**
 * A bulk transfer through the ESP helper's tunnel, built by hand: mets (responder) to tlp1 (mobile, initiator) by nets, the agent. One
 * segment of 1000 octets every 10 ms from 1000 ms on for 3 s, 5 ms from end to end.
 */
import type { BulkReport, MetricInput } from '../../src/metrics/index.ts';
import type { CellExperiment, Flow, MmlTunnel } from '../../src/types/experiment.ts';
import type { Packet } from '../../src/types/packet.ts';
import { cell, EPOCH, MAC, ms, packet, run } from './build.ts';

export const HOME = '10.4.0.2';
export const HA = '10.3.0.2';
export const [MINE, THEIRS] = ['10.10.0.2', '10.9.0.1'];
export const SIZE = 1000;
const COOKIE = 37;

export const TUNNEL: MmlTunnel = {
  ...{ name: 's2s', initiator: 'tlp1', responder: 'mets', initiatorAddress: HOME, responderAddress: HA },
  ...{ initiatorInner: MINE, responderInner: THEIRS, mtu: 1431, boundaries: [40], suite: '3des-cbc/none', layout: 'P', bind: 'none' },
  ...{ encapsulation: 'esp', agents: ['nets'], speed: 'faithful' },
};

export const BULK: Flow = {
  ...{ name: 'bulk', kind: 'tcp', from: 'mets', to: 'tlp1', source: THEIRS, destination: MINE, port: 7000 },
  ...{ rate: 0, size: 1024, protectedBy: 's2s' },
};

const port = (name: string, address: string) => ({ name, kind: 'veth' as const, addresses: [address], mtu: 1500, up: true });

export function mmlCell(fields: Partial<CellExperiment> = {}): CellExperiment {
  return cell({
    nodes: [
      { name: 'mets', role: 'server', forwarding: false, interfaces: [port('eth0', `${HA}/24`)], routes: [] },
      { name: 'nets', role: 'router', forwarding: true, interfaces: [port('eth0', '10.3.0.1/24'), port('wl0', '10.4.0.1/24')], routes: [] },
      { name: 'tlp1', role: 'MN', forwarding: false, interfaces: [port('wl0', `${HOME}/24`)], routes: [] },
    ],
    ...{ ipsec: [], mml: [TUNNEL], flows: [BULK], timeline: [], duration: 3, measure: ['goodput', 'cwnd', 'retransmitted', 'stages'] },
    ...fields,
  });
}

export const segment = (t: number, seq: number, span = SIZE, srcPort = 40_000): Packet =>
  packet(t, {
    ...{ src: THEIRS, dst: MINE, protocol: 6, srcPort, dstPort: 7000 },
    tcp: { seq: seq >>> 0, ack: 1, flags: 16, payload: span },
  });

/** In ESP without authentication. */
export const inEsp = (inner: Packet, seq: number): Packet =>
  packet(inner.t, { src: HA, dst: HOME, protocol: 50, esp: { spi: 0x1001, seq, udpEncap: false, inner, authenticated: false } });

export const inIp = (inner: Packet): Packet => packet(inner.t, { src: HA, dst: HOME, protocol: 4, ipip: inner });

export interface Options {
  cell?: CellExperiment;
  /** of the first octet */
  origin?: number;
  /** numbers of segments that do not arrive, and are sent again 500 ms later */
  lost?: number[];
  wrap?: (inner: Packet, seq: number) => Packet;
  bulk?: BulkReport;
}

/** Taps of one frame: at its sender, both sides of the agent, and its receiver. */
export function transfer({ cell: of = mmlCell(), origin = 5000, lost = [], wrap = inEsp, bulk }: Options = {}) {
  const one = (node: string, name: string, mac: string) => ({ node, interface: name, mac, packets: [] as Packet[] });
  const captures = [
    ...[one('mets', 'eth0', MAC.sgw), one('nets', 'eth0', MAC.gw), one('nets', 'wl0', MAC.mn1), one('tlp1', 'wl0', MAC.mn0)],
    ...[one('mets', 's2s', ''), one('tlp1', 's2s', '')],
  ];
  const tap = (node: string, name: string) => captures.find((capture) => capture.node === node && capture.interface === name)!.packets;
  let esp = 0;
  const send = (at: number, seq: number, span: number, arrives: boolean, srcPort?: number): void => {
    esp += 1;
    const inner = (t: number) => segment(ms(t), origin + seq, span, srcPort);
    tap('mets', 's2s').push(inner(at));
    tap('mets', 'eth0').push({ ...wrap(inner(at), esp), srcMac: MAC.sgw, dstMac: MAC.gw });
    tap('nets', 'eth0').push({ ...wrap(inner(at + 2), esp), srcMac: MAC.sgw, dstMac: MAC.gw });
    tap('nets', 'wl0').push({ ...wrap(inner(at + 3), esp), srcMac: MAC.mn1, dstMac: MAC.mn0 });
    if (!arrives) return;
    tap('tlp1', 'wl0').push({ ...wrap(inner(at + 5), esp), srcMac: MAC.mn1, dstMac: MAC.mn0 });
    tap('tlp1', 's2s').push(inner(at + 5));
  };
  send(400, -9000, COOKIE, true, 39_999);
  send(500, 0, COOKIE, true);
  const due = Array.from({ length: 300 }, (_, i) => ({ at: 1000 + 10 * i, i, arrives: !lost.includes(i) }));
  const all = [...due, ...lost.map((i) => ({ at: 1000.5 + 10 * i + 500, i, arrives: true }))].sort((a, b) => a.at - b.at);
  for (const { at, i, arrives } of all) send(at, COOKIE + i * SIZE, SIZE, arrives);
  const record = run({
    ...{ flowsStart: ms(900), flowsStop: ms(3900), eventDue: null, flowsSent: {}, epoch: EPOCH },
    captures: captures.map(({ node, interface: name }) => ({ node, interface: name, file: `${node}-${name}`, captured: 1, dropped: 0 })),
  });
  const input: MetricInput = {
    ...{ cell: of, run: record, events: [], captures, logs: [], deliveries: {} },
    ...(bulk === undefined ? {} : { bulk: { bulk } }),
  };
  return { input, tap };
}
