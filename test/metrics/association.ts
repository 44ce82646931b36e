/** An SCTP association over two paths, packet by packet as taps at both ends show it, in clear or in ESP: every time in it is chosen. */
import type { CaptureInput, MetricInput } from '../../src/metrics/index.ts';
import { decodeFrame } from '../../src/pcap/index.ts';
import type { CellExperiment, Flow, IpsecConnection, TimedEvent } from '../../src/types/experiment.ts';
import type { Packet } from '../../src/types/packet.ts';
import type { DeliveryRecord, RunRecord } from '../../src/types/run.ts';
import { ipv4 } from '../pcap/build/net.ts';
import * as build from '../pcap/build/sctp.ts';
import { cell, EPOCH, MAC, ms, payload, run, sealed } from './build.ts';

export type Security = 'none' | 'tunnel' | 'transport';
type Node = 'mn' | 'server';

export const PORT = 7000;
export const TAGS = { mn: 0xaaaa0001, server: 0xbbbb0001 };
/** the MN's numbers wrap after 64 chunks */
export const TSNS = { mn: 0xffffffc0, server: 5000 };
const PATHS = [
  { port: 'eth1', outer: '10.1.0.2', inner: '10.10.1.1', server: '10.9.1.1' },
  { port: 'eth2', outer: '10.2.0.2', inner: '10.10.2.1', server: '10.9.2.1' },
] as const;
const SERVER = '10.3.0.2';
/** ms, one way */
export const DELAY = 2;

export const DOWN: TimedEvent = { kind: 'admin-down', node: 'mn', interface: 'eth1', at: 1 };

export const tsn = (from: Node, number: number): number => (TSNS[from] + number) >>> 0;
export const message = (from: Node, number: number, sent: number): Buffer =>
  build.data(tsn(from, number), 0, number & 0xffff, payload(0, number, sent));

export function sctpFlow(security: Security, from: Node = 'mn', fields: Partial<Flow> = {}): Flow {
  const mn = PATHS.map((path) => (security === 'tunnel' ? path.inner : path.outer));
  const server = PATHS.map((path) => path.server);
  const [sources, destinations] = from === 'mn' ? [mn, server] : [server, mn];
  return {
    name: 'data',
    kind: 'sctp',
    from,
    to: from === 'mn' ? 'server' : 'mn',
    source: sources[0]!,
    destination: destinations[0]!,
    sources,
    destinations,
    client: 'mn',
    port: PORT,
    rate: 100,
    size: 64,
    protectedBy: security === 'none' ? null : 'path1',
    ...fields,
  };
}

export function world(security: Security, fields: Partial<CellExperiment> = {}, from: Node = 'mn'): CellExperiment {
  const port = (name: string, ...addresses: string[]) => ({ name, kind: 'veth' as const, addresses, mtu: 1500, up: true });
  const connection = (path: (typeof PATHS)[number], i: number): IpsecConnection => ({
    ...cell().ipsec[0]!,
    name: `path${i + 1}`,
    responder: 'server',
    initiatorAddress: path.outer,
    responderAddress: SERVER,
    mode: security === 'tunnel' ? 'tunnel' : 'transport',
    virtualIp: path.inner,
    responderNets: [path.server],
    mobility: 'none',
    pinned: true,
  });
  return cell({
    nodes: [
      { name: 'mn', role: 'MN', forwarding: false, interfaces: [port('eth1', '10.1.0.2/24'), port('eth2', '10.2.0.2/24')], routes: [] },
      {
        name: 'server',
        role: 'server',
        forwarding: false,
        interfaces: [port('eth0', `${SERVER}/24`, '10.9.1.1/24', '10.9.2.1/24')],
        routes: [],
      },
    ],
    ipsec: security === 'none' ? [] : PATHS.map(connection),
    flows: [sctpFlow(security, from)],
    timeline: [DOWN],
    ...fields,
  });
}

/** Collects what the taps see. Times in ms. */
export class Taps {
  readonly captures: CaptureInput[] = [
    { node: 'mn', interface: 'eth1', mac: MAC.mn0, packets: [] },
    { node: 'mn', interface: 'eth2', mac: MAC.mn1, packets: [] },
    { node: 'server', interface: 'eth0', mac: MAC.sgw, packets: [] },
  ];
  readonly log: DeliveryRecord[] = [];
  readonly #security: Security;

  constructor(security: Security) {
    this.#security = security;
  }

  /** One packet from `node` over path 0 or 1; `lost`: only the sender's tap sees it. Returns when it arrives. */
  send(t: number, node: Node, path: 0 | 1, chunks: Uint8Array[], options: { lost?: boolean; tag?: number; clear?: boolean } = {}): number {
    const { port, outer, inner, server } = PATHS[path];
    const security = options.clear ? 'none' : this.#security;
    const mine = security === 'tunnel' ? inner : outer;
    const [src, dst] = node === 'mn' ? [mine, server] : [server, mine];
    const ports: [number, number] = node === 'mn' ? [50_000, PORT] : [PORT, 50_000];
    const octets = ipv4({ src, dst, protocol: 132 }, build.sctp(...ports, options.tag ?? TAGS[node === 'mn' ? 'server' : 'mn'], chunks));
    const clear = (at: number): Packet => decodeFrame({ t: ms(at), linkType: 101, length: octets.length, data: octets });
    const ends = security === 'tunnel' ? [outer, SERVER] : [outer, server];
    const [from, to] = (node === 'mn' ? ends : ends.toReversed()) as [string, string];
    const wire = (at: number): Packet => (security === 'none' ? clear(at) : sealed(clear(at), from, to));
    const [here, there] =
      node === 'mn'
        ? [
            ['mn', port],
            ['server', 'eth0'],
          ]
        : [
            ['server', 'eth0'],
            ['mn', port],
          ];
    this.#see(here as [string, string], wire(t), 'out');
    const arrival = t + DELAY;
    if (options.lost) return arrival;
    this.#see(there as [string, string], wire(arrival), 'in');
    if (security === 'tunnel') this.#see(there as [string, string], clear(arrival + 0.003), 'in');
    return arrival;
  }

  /** The MN opens the association at `t` over path 0: done 4 delays later. */
  open(t: number): void {
    this.send(t, 'mn', 0, [build.init(1, TAGS.mn, TSNS.mn, [])], { tag: 0 });
    this.send(t + DELAY, 'server', 0, [build.init(2, TAGS.server, TSNS.server, [build.tlv(7, Buffer.from('a cookie'))])]);
    this.send(t + 2 * DELAY, 'mn', 0, [build.chunk(10, 0, Buffer.from('a cookie'))]);
    this.send(t + 3 * DELAY, 'server', 0, [build.chunk(11, 0, Buffer.alloc(0))]);
  }

  heartbeat(t: number, node: Node, path: 0 | 1): void {
    const info = build.tlv(1, Buffer.from(`${node} ${path} ${t}`));
    this.send(t, node, path, [build.chunk(4, 0, info)]);
    this.send(t + DELAY, node === 'mn' ? 'server' : 'mn', path, [build.chunk(5, 0, info)]);
  }

  #see([node, name]: [string, string], seen: Packet, way: 'in' | 'out'): void {
    const capture = this.captures.find((one) => one.node === node && one.interface === name)!;
    const macs = way === 'out' ? { srcMac: capture.mac, dstMac: MAC.gw } : { srcMac: MAC.gw, dstMac: capture.mac };
    capture.packets.push({ ...seen, ...macs });
  }

  input(of: CellExperiment, fields: Partial<RunRecord> = {}, event = true): MetricInput {
    for (const { packets } of this.captures) packets.sort((a, b) => a.t - b.t);
    return {
      cell: of,
      run: run({ epoch: EPOCH, flowsSent: { data: this.log.length }, ...fields }),
      events: event
        ? [{ index: 0, kind: 'admin-down', node: 'mn', requested: ms(1999), issued: ms(1999.5), confirmed: ms(2000), notifications: [] }]
        : [],
      captures: this.captures,
      logs: [],
      deliveries: { data: this.log },
    };
  }
}

/**
 * 300 messages at 100/s from 1005 ms on, one way 2 ms; eth1 goes down at 2000. The message of 1995 is lost, nothing arrives until T3-rtx
 * has run 1 s: at 2995 it leaves again over path 1, and when it is acknowledged all others follow. What the MN itself sends into the
 * dead interface no tap sees; what the server sends it does.
 */
export function failover(security: Security, from: Node = 'mn', nullEvent = false): { input: MetricInput; taps: Taps } {
  const to = from === 'mn' ? 'server' : 'mn';
  const taps = new Taps(security);
  taps.open(900);
  taps.heartbeat(950, 'mn', 1);
  const deliver = (t: number, path: 0 | 1, number: number): void => {
    const sent = ms(1005 + 10 * number);
    const arrival = taps.send(t, from, path, [message(from, number, sent)]);
    taps.log.push([number, sent, ms(arrival + 0.05)]);
    taps.send(arrival + 0.1, to, path, [build.sack(tsn(from, number))]);
  };
  for (let number = 0; number < 300; number += 1) {
    const t = 1005 + 10 * number;
    if (nullEvent || t < 1995) deliver(t, 0, number);
    else if (t < 2995) {
      if (t < 2000 || from === 'server') taps.send(t, from, 0, [message(from, number, ms(t))], { lost: true });
    } else deliver(Math.max(t, 3000), 1, number);
  }
  if (!nullEvent) {
    deliver(2995, 1, 99);
    for (let number = 100; number < 199; number += 1) deliver(2999.2 + (number - 100) / 1000, 1, number);
    taps.log.sort(([a], [b]) => a - b);
  }
  return { input: taps.input(world(security, {}, from), { nullEvent }, !nullEvent), taps };
}
