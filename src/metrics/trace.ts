/**
 * One pass over the captures that sorts what was seen into IKE messages and flow packets, so that each metric reads a
 * short list instead of all packets.
 *
 * A tap sees a tunnel-mode packet twice on its way in: as ESP, and once more after the kernel decapsulated it. A
 * transport-mode packet is seen once. `sealed` keeps the two apart; who counts deliveries picks one kind and never both.
 */
import { parsePayload } from '../pcap/index.ts';
import type { Flow } from '../types/experiment.ts';
import type { IkeInfo, Packet } from '../types/packet.ts';
import type { Nanoseconds } from '../types/run.ts';
import type { CaptureInput, MetricInput } from './input.ts';

export type Way = 'in' | 'out' | null;

export interface Sighting {
  t: Nanoseconds;
  node: string;
  interface: string;
  way: Way;
  /** the packet as it was on the wire */
  outer: Packet;
}

export interface IkeSighting extends Sighting {
  ike: IkeInfo;
}

export interface FlowSighting extends Sighting {
  /** the packet inside ESP, or the packet itself */
  inner: Packet;
  /** true: it was found inside ESP */
  sealed: boolean;
  seq: number;
  /** null for TCP, whose packets carry no clock of ours */
  sent: Nanoseconds | null;
}

export interface Trace {
  /** by time */
  ike: IkeSighting[];
  /** by flow name, each by time */
  flows: Map<string, FlowSighting[]>;
}

/** 'out' when the frame left by the capturing interface, 'in' when it was addressed to it, null for bystanders. */
export function wayOf(packet: Packet, capture: CaptureInput): Way {
  if (packet.direction !== null) return packet.direction;
  if (packet.srcMac !== null && packet.srcMac === capture.mac) return 'out';
  return packet.dstMac !== null && packet.dstMac === capture.mac ? 'in' : null;
}

/** The innermost packet that could be decrypted, and whether there was ESP around it. */
export function unwrap(packet: Packet): { inner: Packet; sealed: boolean } {
  let inner = packet;
  while (inner.esp?.inner) inner = inner.esp.inner;
  return { inner, sealed: packet.esp !== null };
}

/** Sorts a run's packets; the flow index in a payload is the flow's place in the cell's list. */
export function traceOf(input: MetricInput): Trace {
  const trace: Trace = { ike: [], flows: new Map(input.cell.flows.map((flow) => [flow.name, []])) };
  for (const capture of input.captures) {
    for (const packet of capture.packets) {
      const seen = { t: packet.t, node: capture.node, interface: capture.interface, way: wayOf(packet, capture), outer: packet };
      if (packet.ike !== null) trace.ike.push({ ...seen, ike: packet.ike });
      const { inner, sealed } = unwrap(packet);
      const hit = flowOf(inner, input.cell.flows, input.run.epoch);
      if (hit !== null) trace.flows.get(hit.flow.name)?.push({ ...seen, inner, sealed, seq: hit.seq, sent: hit.sent });
    }
  }
  trace.ike.sort((a, b) => a.t - b.t);
  for (const list of trace.flows.values()) list.sort((a, b) => a.t - b.t);
  return trace;
}

/** The flow a packet belongs to: by the header in the payload for UDP, by addresses and port for TCP data. */
export function flowOf(packet: Packet, flows: Flow[], epoch: number): { flow: Flow; seq: number; sent: Nanoseconds | null } | null {
  if (packet.protocol === 17) {
    const header = parsePayload(packet.payload, epoch);
    const flow = header === null ? undefined : flows[header.flow];
    return header === null || flow === undefined ? null : { flow, seq: header.seq, sent: header.sent };
  }
  const { tcp } = packet;
  if (tcp === null || tcp.payload === 0) return null;
  const flow = flows.find((f) => f.kind === 'tcp' && f.port === packet.dstPort && f.destination === packet.dst);
  return flow === undefined ? null : { flow, seq: tcp.seq, sent: null };
}
