/**
 * One pass over the captures that sorts what was seen into IKE messages and flow packets, so that each metric reads a
 * short list instead of all packets.
 *
 * A tap sees a tunnel-mode packet twice on its way in: as ESP, and once more after the kernel decapsulated it. A
 * transport-mode packet is seen once. `sealed` keeps the two apart; who counts deliveries picks one kind and never both. WireGuard
 * is not decrypted: its packets are read on the tunnel's own interface and count as sealed there.
 */

import type { Flow } from '../types/experiment.ts';
import { isMultihomed } from '../types/experiment.ts';
import type { Packet } from '../types/packet.ts';
import { chunksOf, originOf } from './chunks.ts';
import type { MetricInput } from './input.ts';
import { matcherOf } from './match.ts';
import { protectionOf, tunnelAt } from './protection.ts';
import type { AssociationSighting, FlowSighting, PacketSighting, Trace } from './sighting.ts';
import { wayInTunnel, wayOf } from './way.ts';

/** The innermost packet that could be decrypted, and whether there was ESP around it. */
export function unwrap(packet: Packet): { inner: Packet; sealed: boolean } {
  let inner = packet;
  while (inner.esp?.inner) inner = inner.esp.inner;
  return { inner, sealed: packet.esp !== null };
}

/** Sorts a run's packets; the flow index in a payload is the flow's place in the cell's list. */
export function traceOf(input: MetricInput): Trace {
  const { cell, run } = input;
  const match = matcherOf(cell, run.epoch);
  const named = <T>(flows: Flow[]) => new Map<string, T[]>(flows.map(({ name }) => [name, []]));
  const associations = named<AssociationSighting>(cell.flows.filter(isMultihomed));
  const trace: Trace = { ike: [], flows: named<FlowSighting>(cell.flows), associations, origins: new Map(), wireguard: [] };
  for (const capture of input.captures) {
    const tunnel = tunnelAt(cell, capture.node, capture.interface);
    const way = tunnel === null ? (packet: Packet) => wayOf(packet, capture) : wayInTunnel(tunnel, capture.node);
    for (const packet of capture.packets) {
      const seen = { t: packet.t, node: capture.node, interface: capture.interface, way: way(packet), outer: packet };
      if (packet.ike !== null) trace.ike.push({ ...seen, ike: packet.ike });
      if (tunnel === null && isWireguard(input, packet)) trace.wireguard.push(seen);
      const { inner, sealed } = unwrap(packet);
      const hit = match(inner);
      if (hit === null) continue;
      const { flow, forth, header } = hit;
      const sighting: PacketSighting = { ...seen, inner, sealed: sealed || tunnel !== null };
      associations.get(flow.name)?.push({ ...sighting, forth });
      if (flow.kind === 'sctp' || !forth) continue;
      const octets = inner.tcp?.payload ?? flow.size;
      if (octets === 0) continue;
      const { seq, sent } = header ?? { seq: inner.tcp?.seq ?? 0, sent: null };
      trace.flows.get(flow.name)?.push({ ...sighting, seq, span: inner.tcp === null ? 1 : octets, octets, sent });
    }
  }
  trace.ike.sort((a, b) => a.t - b.t);
  trace.wireguard.sort((a, b) => a.t - b.t);
  for (const list of associations.values()) list.sort((a, b) => a.t - b.t);
  addChunks(input, trace);
  for (const list of trace.flows.values()) list.sort((a, b) => a.t - b.t);
  return trace;
}

function addChunks({ cell, run }: MetricInput, trace: Trace): void {
  for (const [index, flow] of cell.flows.entries()) {
    const association = flow.kind === 'sctp' ? trace.associations.get(flow.name)! : [];
    const origin = originOf(association);
    if (origin === null) continue;
    const protection = protectionOf(cell, flow);
    const nodes = new Set([flow.from, flow.to, ...(protection === null ? [] : [protection.initiator, protection.responder])]);
    trace.origins.set(flow.name, origin);
    trace.flows.set(flow.name, chunksOf(association, origin, nodes, index, run.epoch));
  }
}

/** Message types 1 to 4, none shorter than 32 octets (wireguard.com/protocol). */
function isWireguard({ cell }: MetricInput, { protocol, srcPort, dstPort, payload }: Packet): boolean {
  if (cell.wireguard === undefined || protocol !== 17 || payload.length < 32 || payload[0]! < 1 || payload[0]! > 4) return false;
  return cell.wireguard.some(({ port }) => port === srcPort || port === dstPort);
}
