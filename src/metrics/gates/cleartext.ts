/**
 * No traffic that should be protected crossed in clear. Judged where protection begins: a clear packet that *leaves* an
 * end of the connection towards the other side is a leak. A gateway hands decrypted packets on to the network behind
 * it and taps show decapsulated copies on ingress; neither leaves towards the peer. A flow packet that *arrives* in clear
 * at an end without a sealed twin is a leak too: a copy always follows its ESP packet.
 *
 * A flow's packets are known by their header, from and to whatever addresses; all others by the addresses of the two sides.
 */
import type { CellExperiment, Flow, IpsecConnection } from '../../types/experiment.ts';
import type { Packet } from '../../types/packet.ts';
import type { Gate } from '../../types/run.ts';
import { isMulticast } from '../address.ts';
import { endsAt } from '../deliveries.ts';
import type { CaptureInput, MetricInput } from '../input.ts';
import { entryOf, type Sides, sidesOf } from '../selectors.ts';
import { type FlowSighting, flowOf, type Trace, wayOf } from '../trace.ts';

export function cleartext(input: MetricInput, trace: Trace): Gate {
  const { cell } = input;
  const leaks = new Map<string, number>();
  const add = (what: string): void => void leaks.set(what, (leaks.get(what) ?? 0) + 1);
  const entries = entriesOf(cell);
  for (const connection of cell.ipsec) {
    const sides = sidesOf(cell, connection);
    for (const capture of input.captures) {
      if (isDummy(input, capture)) continue;
      for (const packet of capture.packets) {
        if (wayOf(packet, capture) === 'out' && leaves(input, connection, sides, entries, capture.node, packet)) {
          add(`${packet.src} > ${packet.dst} protocol ${packet.protocol} left ${capture.node}:${capture.interface}`);
        }
      }
    }
  }
  const sealedFlows = cell.flows.filter((flow) => flow.protectedBy !== null);
  for (const flow of sealedFlows) {
    const seen = trace.flows.get(flow.name) ?? [];
    for (const packet of orphans(input, flow, entries.get(flow.name), seen))
      add(`flow ${flow.name} arrived in clear at ${packet.node}:${packet.interface}`);
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

/** By the name of each protected flow, the node where its protection begins. */
function entriesOf(cell: CellExperiment): Map<string, string> {
  const entries = new Map<string, string>();
  for (const flow of cell.flows) {
    const connection = cell.ipsec.find(({ name }) => name === flow.protectedBy);
    if (connection !== undefined) entries.set(flow.name, entryOf(cell, connection, flow));
  }
  return entries;
}

/** Does this clear packet leave an end of the connection towards the other one? */
function leaves(
  input: MetricInput,
  connection: IpsecConnection,
  sides: Sides,
  entries: Map<string, string>,
  node: string,
  packet: Packet,
): boolean {
  if (packet.ipVersion === 0 || isControl(packet) || isMulticast(packet.dst)) return false;
  const { cell, run } = input;
  const flow = flowOf(packet, cell.flows, run.epoch)?.flow ?? null;
  if (flow?.protectedBy === connection.name && entries.get(flow.name) === node) return true;
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

/**
 * Clear arrivals at the end where the protection stops that no ESP packet preceded. The other end, when it is a gateway, hears in
 * clear what a host behind it sends into the tunnel.
 */
function orphans(input: MetricInput, flow: Flow, entry: string | undefined, seen: FlowSighting[]): FlowSighting[] {
  const sealed = new Set<string>();
  return seen.filter((packet) => {
    if (packet.way !== 'in' || packet.node === entry || !endsAt(input, flow, packet.node)) return false;
    const key = `${packet.node} ${packet.seq}`;
    if (packet.sealed) sealed.add(key);
    return !packet.sealed && !sealed.has(key);
  });
}

function isWatched(input: MetricInput, flow: Flow): boolean {
  const connection = input.cell.ipsec.find((candidate) => candidate.name === flow.protectedBy);
  return input.captures.some(({ node }) => node === connection?.initiator || node === connection?.responder);
}

function isDummy(input: MetricInput, capture: CaptureInput): boolean {
  const node = input.cell.nodes.find((candidate) => candidate.name === capture.node);
  return node?.interfaces.find((entry) => entry.name === capture.interface)?.kind === 'dummy';
}
