/**
 * No traffic that should be protected crossed in clear. Judged where protection begins: a clear packet that *leaves* an
 * end of the connection towards the other side is a leak. A gateway hands decrypted packets on to the network behind
 * it and taps show decapsulated copies on ingress; neither leaves towards the peer. A flow packet that *arrives* in clear
 * at an end without a sealed twin is a leak too: a copy always follows its ESP packet.
 */
import type { Flow, IpsecConnection } from '../../types/experiment.ts';
import type { Packet } from '../../types/packet.ts';
import type { Gate } from '../../types/run.ts';
import { isMulticast } from '../address.ts';
import { endsAt } from '../deliveries.ts';
import type { CaptureInput, MetricInput } from '../input.ts';
import { type Sides, sidesOf } from '../selectors.ts';
import { type FlowSighting, flowOf, type Trace, wayOf } from '../trace.ts';

export function cleartext(input: MetricInput, trace: Trace): Gate {
  const { cell } = input;
  const leaks = new Map<string, number>();
  const add = (what: string): void => void leaks.set(what, (leaks.get(what) ?? 0) + 1);
  for (const connection of cell.ipsec) {
    const sides = sidesOf(cell, connection);
    for (const capture of input.captures) {
      if (isDummy(input, capture)) continue;
      for (const packet of capture.packets) {
        if (wayOf(packet, capture) === 'out' && leaves(input, connection, sides, capture.node, packet)) {
          add(`${packet.src} > ${packet.dst} protocol ${packet.protocol} left ${capture.node}:${capture.interface}`);
        }
      }
    }
  }
  const sealedFlows = cell.flows.filter((flow) => flow.protectedBy !== null);
  for (const flow of sealedFlows) {
    const seen = trace.flows.get(flow.name) ?? [];
    for (const packet of orphans(input, flow, seen)) add(`flow ${flow.name} arrived in clear at ${packet.node}:${packet.interface}`);
  }
  const blind = sealedFlows
    .filter((flow) => !isWatched(input, flow))
    .map((flow) => `flow ${flow.name}: no capture where its protection begins`);
  const found = [...leaks].map(([what, count]) => `${count} packets ${what}`);
  const problems = [...found.slice(0, 3), ...(found.length > 3 ? [`and ${found.length - 3} more kinds`] : []), ...blind];
  return {
    name: 'cleartext',
    ok: problems.length === 0,
    severity: 'invalid',
    detail: problems.join('; ') || (cell.ipsec.length > 0 ? 'none' : 'nothing is to be protected'),
  };
}

/** Does this clear packet leave an end of the connection towards the other one? */
function leaves(input: MetricInput, connection: IpsecConnection, sides: Sides, node: string, packet: Packet): boolean {
  if (packet.ipVersion === 0 || isControl(packet) || isMulticast(packet.dst)) return false;
  const { cell, run } = input;
  const flow = flowOf(packet, cell.flows, run.epoch)?.flow ?? null;
  if (flow?.protectedBy === connection.name && flow.from === node && endsAt(input, flow, node)) return true;
  const there = sides.initiator.has(packet.src) && sides.responder.has(packet.dst);
  const back = sides.responder.has(packet.src) && sides.initiator.has(packet.dst);
  const away = (node === connection.initiator && there) || (node === connection.responder && back);
  // outside the time of the flows the SAs may not be up yet, or be gone again
  return away && packet.t >= run.flowsStart && packet.t <= run.flowsStop && !isClearByIntent(packet, flow, cell.flows);
}

/** ESP, AH, IKE, NAT keepalives and neighbour discovery (RFC 4861), which IPsec policies let pass. */
function isControl(packet: Packet): boolean {
  if (packet.esp !== null || packet.ike !== null || packet.protocol === 50 || packet.protocol === 51) return true;
  if (packet.protocol === 17) return [500, 4500].some((port) => packet.srcPort === port || packet.dstPort === port);
  const type = packet.payload[0] ?? 0;
  return packet.protocol === 58 && type >= 133 && type <= 137;
}

function isClearByIntent(packet: Packet, flow: Flow | null, flows: Flow[]): boolean {
  if (flow !== null) return flow.protectedBy === null;
  return flows.some((f) => f.protectedBy === null && (f.port === packet.dstPort || f.port === packet.srcPort));
}

/** Clear arrivals at an end of the protection, from the peer's side, that no ESP packet preceded. */
function orphans(input: MetricInput, flow: Flow, seen: FlowSighting[]): FlowSighting[] {
  const sealed = new Set<string>();
  return seen.filter((packet) => {
    if (packet.way !== 'in' || !endsAt(input, flow, packet.node) || !comesFromPeer(input, flow, packet.node)) return false;
    const key = `${packet.node} ${packet.seq}`;
    if (packet.sealed) sealed.add(key);
    return !packet.sealed && !sealed.has(key);
  });
}

/** A gateway also receives, in clear, what a host behind it sends into the tunnel: that does not come from the peer. */
function comesFromPeer(input: MetricInput, flow: Flow, node: string): boolean {
  const connection = input.cell.ipsec.find((candidate) => candidate.name === flow.protectedBy)!;
  const [peer, side] =
    node === connection.initiator ? ([connection.responder, 'responder'] as const) : ([connection.initiator, 'initiator'] as const);
  return flow.from === peer || sidesOf(input.cell, connection)[side].has(flow.source);
}

function isWatched(input: MetricInput, flow: Flow): boolean {
  const connection = input.cell.ipsec.find((candidate) => candidate.name === flow.protectedBy);
  return input.captures.some(({ node }) => node === connection?.initiator || node === connection?.responder);
}

function isDummy(input: MetricInput, capture: CaptureInput): boolean {
  const node = input.cell.nodes.find((candidate) => candidate.name === capture.node);
  return node?.interfaces.find((entry) => entry.name === capture.interface)?.kind === 'dummy';
}
