/** Packets, cells and whole runs built by hand: every time in them is chosen, so every metric's value is known beforehand. */
import type { CaptureInput, MetricInput } from '../../src/metrics/index.ts';
import type { CellExperiment, Flow, TimedEvent } from '../../src/types/experiment.ts';
import type { IkeInfo, Packet } from '../../src/types/packet.ts';
import type { DeliveryRecord, RunRecord } from '../../src/types/run.ts';

export const EPOCH = 1_764_032_000;
export const ms = (value: number): number => Math.round(value * 1e6);

export const MAC = { mn0: '02:00:00:00:00:01', mn1: '02:00:00:00:00:02', sgw: '02:00:00:00:00:03', gw: '02:00:00:00:00:ff' };
export const OLD = '10.1.0.2';
export const NEW = '10.2.0.2';
export const SGW = '10.3.0.2';
export const VIP = '10.9.0.1';
export const SERVED = '10.8.0.1';

export function packet(t: number, fields: Partial<Packet>): Packet {
  return {
    t,
    srcMac: null,
    dstMac: null,
    direction: null,
    ipVersion: 4,
    src: '',
    dst: '',
    protocol: 17,
    length: 100,
    fragment: false,
    srcPort: 0,
    dstPort: 0,
    tcp: null,
    sctp: null,
    payload: new Uint8Array(),
    ike: null,
    esp: null,
    ...fields,
  };
}

/** A payload as traffic/payload.ts describes it. */
export function payload(flow: number, seq: number, sent: number): Uint8Array {
  const bytes = Buffer.alloc(64);
  bytes.write('RLAB', 0);
  bytes[4] = 1;
  bytes.writeUInt32BE(flow, 8);
  bytes.writeUInt32BE(seq, 12);
  bytes.writeBigUInt64BE(BigInt(EPOCH + Math.floor(sent / 1e9)), 16);
  bytes.writeUInt32BE(sent % 1e9, 24);
  return bytes;
}

/** A flow packet in clear. */
export function data(t: number, flow: number, seq: number, sent: number, src: string, dst: string): Packet {
  return packet(t, { src, dst, dstPort: 7000 + flow, payload: payload(flow, seq, sent) });
}

/** The same packet inside ESP between outer addresses. */
export function sealed(inner: Packet, src: string, dst: string, seq = 1): Packet {
  return packet(inner.t, { src, dst, protocol: 50, esp: { spi: 0xc0de, seq, udpEncap: false, inner, authenticated: true } });
}

export function ike(t: number, src: string, dst: string, fields: Partial<IkeInfo>): Packet {
  const info: IkeInfo = {
    initiatorSpi: '1111111111111111',
    responderSpi: '2222222222222222',
    exchange: 37,
    messageId: 2,
    response: false,
    fromInitiator: true,
    decrypted: true,
    payloads: [],
    notifies: [],
    ...fields,
  };
  return packet(t, { src, dst, srcPort: 4500, dstPort: 4500, ike: info });
}

export const UPDATE = [{ type: 16400, protocol: 0, spi: '', data: new Uint8Array() }];

export function flow(name: string, index: number, fields: Partial<Flow> = {}): Flow {
  const down = name === 'down';
  return {
    name,
    kind: 'udp',
    from: down ? 'sgw' : 'mn',
    to: down ? 'mn' : 'sgw',
    source: down ? SERVED : VIP,
    destination: down ? VIP : SERVED,
    port: 7000 + index,
    rate: 100,
    size: 64,
    protectedBy: 'home',
    ...fields,
  };
}

export const ADMIN_DOWN: TimedEvent = { kind: 'admin-down', node: 'mn', interface: 'eth0', at: 1 };

export function cell(fields: Partial<CellExperiment> = {}): CellExperiment {
  const port = (name: string, address: string) => ({ name, kind: 'veth' as const, addresses: [address], mtu: 1500, up: true });
  return {
    name: 'hand-made',
    cell: 'all',
    values: {},
    nodes: [
      { name: 'mn', role: 'MN', forwarding: false, interfaces: [port('eth0', `${OLD}/24`), port('eth1', `${NEW}/24`)], routes: [] },
      { name: 'sgw', role: 'SGW', forwarding: true, interfaces: [port('eth0', `${SGW}/24`)], routes: [] },
    ],
    links: [],
    ipsec: [
      {
        name: 'home',
        initiator: 'mn',
        responder: 'sgw',
        initiatorAddress: OLD,
        responderAddress: SGW,
        mode: 'tunnel',
        ike: 'aes128-sha256-x25519',
        esp: 'aes128gcm128',
        virtualIp: VIP,
        responderNets: ['10.8.0.0/24'],
        initiatorNets: [],
        mobility: 'mobike',
      },
    ],
    flows: [flow('up', 0), flow('down', 1)],
    timeline: [ADMIN_DOWN],
    duration: 3,
    measure: ['T_IKE', 'T_SYS', 'T_RC', 'T_UPDATE', 'T_STALLED', 'T_SWITCH', 'loss'],
    captures: [],
    ...fields,
  };
}

export function run(fields: Partial<RunRecord> = {}): RunRecord {
  const capture = { captured: 1000, dropped: 0 };
  return {
    cell: 'all',
    run: 1,
    nullEvent: false,
    seed: 1,
    epoch: EPOCH,
    flowsStart: ms(1000),
    flowsStop: ms(4000),
    eventDue: ms(2000),
    interfaces: [],
    captures: [{ node: 'mn', interface: 'eth0', file: 'pcap/mn-eth0.pcap', ...capture }],
    flowsSent: { up: 300, down: 300 },
    xfrmErrors: {},
    qdiscDrops: {},
    error: null,
    ...fields,
  };
}

/** Adds what the taps of both ends see of one frame: 'out' at the sender's interface, 'in' at the receiver's. */
export class Wire {
  readonly captures: CaptureInput[] = [
    { node: 'mn', interface: 'eth0', mac: MAC.mn0, packets: [] },
    { node: 'mn', interface: 'eth1', mac: MAC.mn1, packets: [] },
    { node: 'sgw', interface: 'eth0', mac: MAC.sgw, packets: [] },
  ];
  readonly log: Record<string, DeliveryRecord[]> = { up: [], down: [] };

  at(node: string, name: string): CaptureInput {
    return this.captures.find((capture) => capture.node === node && capture.interface === name)!;
  }

  out(node: string, name: string, seen: Packet): void {
    const capture = this.at(node, name);
    capture.packets.push({ ...seen, srcMac: capture.mac, dstMac: MAC.gw });
  }

  in(node: string, name: string, seen: Packet): void {
    const capture = this.at(node, name);
    capture.packets.push({ ...seen, srcMac: MAC.gw, dstMac: capture.mac });
  }
}

export const DELAY = 2;

/**
 * A whole hard handover, tunnel mode, 100 packets/s both ways, one way delay 2 ms: eth0 goes down at 2000 ms, the probe leaves
 * at 2110, its answer is back at 2114, UPDATE 2120 to 2126. Packets sent in [2000, 2126) are lost, the rest use eth1.
 */
export function handover(
  options: { nullEvent?: boolean; cell?: CellExperiment; skip?: (seq: number) => boolean } = {},
): MetricInput & { wire: Wire } {
  const wire = new Wire();
  const moved = !options.nullEvent;
  const init = (t: number, exchange: number, messageId: number, response: boolean) =>
    response
      ? wire.in('mn', 'eth0', ike(ms(t), SGW, OLD, { exchange, messageId, response, fromInitiator: false }))
      : wire.out('mn', 'eth0', ike(ms(t), OLD, SGW, { exchange, messageId }));
  init(500, 34, 0, false);
  init(505, 34, 0, true);
  init(520, 35, 1, false);
  init(540, 35, 1, true);
  for (let seq = 0; seq < 300; seq += 1) {
    const sent = ms(1000 + seq * 10);
    const lost = moved && sent >= ms(2000) && sent < ms(2126);
    const local = moved && sent >= ms(2126) ? NEW : OLD;
    const port = local === NEW ? 'eth1' : 'eth0';
    const arrived = sent + ms(DELAY);
    if (lost || options.skip?.(seq)) continue;
    wire.out('mn', port, sealed(data(sent, 0, seq, sent, VIP, SERVED), local, SGW, seq));
    wire.in('sgw', 'eth0', sealed(data(arrived, 0, seq, sent, VIP, SERVED), local, SGW, seq));
    wire.in('sgw', 'eth0', data(arrived + 3000, 0, seq, sent, VIP, SERVED));
    wire.log.up!.push([seq, sent, arrived]);
    wire.out('sgw', 'eth0', sealed(data(sent, 1, seq, sent, SERVED, VIP), SGW, local, seq));
    wire.in('mn', port, sealed(data(arrived, 1, seq, sent, SERVED, VIP), SGW, local, seq));
    wire.in('mn', port, data(arrived + 3000, 1, seq, sent, SERVED, VIP));
    wire.log.down!.push([seq, sent, arrived]);
  }
  if (moved) {
    exchange(wire, 2110, 2114, 2, []);
    exchange(wire, 2120, 2126, 3, UPDATE);
  }
  return {
    cell: options.cell ?? cell(),
    run: run({ nullEvent: options.nullEvent ?? false }),
    events: moved
      ? [{ index: 0, kind: 'admin-down', node: 'mn', requested: ms(1999), issued: ms(1999.5), confirmed: ms(2000), notifications: [] }]
      : [],
    captures: wire.captures,
    logs: [
      {
        node: 'mn',
        lines: [
          { t: ms(550), text: '05[IKE] CHILD_SA home{1} established with SPIs c1_i c2_o and TS 10.9.0.1/32 === 10.8.0.0/24' },
          ...(moved
            ? [
                { t: ms(2105), text: '09[KNL] creating roam job due to address/link change' },
                { t: ms(2109), text: '11[IKE] checking path 10.2.0.2[4500] - 10.3.0.2[4500]' },
                { t: ms(2115), text: '12[CHD] CHILD_SA home{1} state change: INSTALLED => UPDATING' },
              ]
            : []),
        ],
      },
    ],
    deliveries: wire.log,
    wire,
  };
}

/** One INFORMATIONAL exchange over eth1, seen at both ends. */
export function exchange(wire: Wire, start: number, end: number, messageId: number, notifies: IkeInfo['notifies']): void {
  const half = (end - start) / 2 - 0.5;
  const reply = { messageId, response: true, fromInitiator: false };
  wire.out('mn', 'eth1', ike(ms(start), NEW, SGW, { messageId, notifies }));
  wire.in('sgw', 'eth0', ike(ms(start + half), NEW, SGW, { messageId, notifies }));
  wire.out('sgw', 'eth0', ike(ms(end - half), SGW, NEW, reply));
  wire.in('mn', 'eth1', ike(ms(end), SGW, NEW, reply));
}
