/**
 * One pass over the captures that sorts what was seen into IKE messages and flow packets, so that each metric reads a
 * short list instead of all packets.
 *
 * A tap sees a tunnel-mode packet twice on its way in: as ESP, and once more after the kernel decapsulated it. A
 * transport-mode packet is seen once. `sealed` keeps the two apart; who counts deliveries picks one kind and never both. What
 * goes through a tunnel with an interface of its own is read there, and counts as sealed there: WireGuard is not decrypted, and of the ESP
 * helper's packets at the ends, where the same ones are seen on both sides of the tunnel, those on the wire only count as carriers.
 */

import type { Flow } from '../types/experiment.ts';
import { isMultihomed } from '../types/experiment.ts';
import type { Packet } from '../types/packet.ts';
import { chunksOf, originOf } from './chunks.ts';
import type { MetricInput } from './input.ts';
import { matcherOf } from './match.ts';
import { protectionOf } from './protection.ts';
import type { AssociationSighting, FlowSighting, PacketSighting, Trace } from './sighting.ts';
import { carrierOf, isEnd, type Tunnel, tunnelAt, tunnelsOf } from './tunnels.ts';
import { wayInTunnel, wayOf } from './way.ts';

/** The innermost packet that could be decrypted, also inside IP in IP, and whether there was ESP around it. */
export function unwrap(packet: Packet): { inner: Packet; sealed: boolean } {
  let inner = packet;
  for (let next: Packet | null | undefined = inner; next; next = next.esp?.inner ?? next.ipip) inner = next;
  return { inner, sealed: packet.esp !== null };
}

/** Sorts a run's packets; the flow index in a payload is the flow's place in the cell's list. */
export function traceOf(input: MetricInput): Trace {
  const { cell, run } = input;
  const match = matcherOf(cell, run.epoch);
  const named = <T>(flows: Flow[]) => new Map<string, T[]>(flows.map(({ name }) => [name, []]));
  const associations = named<AssociationSighting>(cell.flows.filter(isMultihomed));
  const trace: Trace = { ike: [], flows: named<FlowSighting>(cell.flows), associations, origins: new Map(), carriers: [] };
  const tunnels = tunnelsOf(cell);
  for (const capture of input.captures) {
    const tunnel = tunnelAt(cell, capture.node, capture.interface);
    const way = tunnel === null ? (packet: Packet) => wayOf(packet, capture) : wayInTunnel(tunnel, capture.node);
    for (const packet of capture.packets) {
      const seen = { t: packet.t, node: capture.node, interface: capture.interface, way: way(packet), outer: packet };
      if (packet.ike !== null) trace.ike.push({ ...seen, ike: packet.ike });
      const carrier = tunnel === null ? carrierOf(tunnels, packet) : null;
      if (carrier !== null) trace.carriers.push(seen);
      if (carrier !== null && isReadInside(input, carrier, capture.node)) continue;
      const { inner, sealed } = unwrap(packet);
      const hit = match(inner);
      if (hit === null) continue;
      const { flow, forth, header } = hit;
      const sighting: PacketSighting = { ...seen, inner, sealed: sealed || tunnel !== null || carrier !== null };
      associations.get(flow.name)?.push({ ...sighting, forth });
      if (flow.kind === 'sctp' || !forth) continue;
      const octets = inner.tcp?.payload ?? flow.size;
      if (octets === 0) continue;
      const { seq, sent } = header ?? { seq: inner.tcp?.seq ?? 0, sent: null };
      trace.flows.get(flow.name)?.push({ ...sighting, seq, span: inner.tcp === null ? 1 : octets, octets, sent });
    }
  }
  trace.ike.sort((a, b) => a.t - b.t);
  trace.carriers.sort((a, b) => a.t - b.t);
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

function isReadInside({ captures }: MetricInput, tunnel: Tunnel, node: string): boolean {
  return isEnd(tunnel, node) && captures.some((capture) => capture.node === node && capture.interface === tunnel.name);
}
