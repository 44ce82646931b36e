/**
 * No traffic that should be protected crossed in clear. Judged where protection begins: a clear packet that *leaves* an
 * end of the connection towards the other side is a leak. A gateway hands decrypted packets on to the network behind
 * it and taps show decapsulated copies on ingress; neither leaves towards the peer. A flow packet that *arrives* in clear
 * at an end without a sealed twin is a leak too: a copy always follows its ESP packet. What is captured on the interface of a tunnel
 * is protected as soon as it leaves the node: there clear packets are as they should be, on all other interfaces they are not. IP in IP
 * between the ends of the ESP helper's tunnel is a leak too, unless they have agreed on sending in clear: then it is counted and said.
 *
 * A flow's packets are known by their header, or by port and ends, whatever addresses they use; all others by the addresses of the two
 * sides. Associations go both ways: each way is protected from its own end.
 */
import type { CellExperiment, Flow, IpsecConnection, MmlTunnel } from '../../types/experiment.ts';
import type { Packet } from '../../types/packet.ts';
import type { Gate } from '../../types/run.ts';
import { isMulticast } from '../address.ts';
import type { CaptureInput, MetricInput } from '../input.ts';
import { type FlowMatch, type FlowMatcher, matcherOf } from '../match.ts';
import { endsAt, protectionOf } from '../protection.ts';
import { entryOf, exitOf, type Sides, sidesOf } from '../selectors.ts';
import type { AssociationSighting, FlowSighting, PacketSighting, Trace } from '../sighting.ts';
import { agreesOnPlain, isBetween, isMml, type Tunnel, tunnelAt, tunnelsOf } from '../tunnels.ts';
import { wayOf } from '../way.ts';

type Connection = IpsecConnection | Tunnel;

/** Where a protected flow is sealed: what goes forth at one end, what comes back at the other. */
interface Ends {
  entry: string;
  exit: string;
}

export function cleartext(input: MetricInput, trace: Trace): Gate {
  const { cell } = input;
  const leaks = new Map<string, number>();
  const agreed = new Map<string, number>();
  const add = (what: string): void => void leaks.set(what, (leaks.get(what) ?? 0) + 1);
  const connections: Connection[] = [...cell.ipsec, ...tunnelsOf(cell)];
  const ends = sealingOf(cell, connections);
  const match = matcherOf(cell, input.run.epoch);
  for (const connection of connections) {
    const sides = sidesOf(cell, connection);
    for (const capture of input.captures) {
      if (isInside(input, capture)) continue;
      for (const packet of capture.packets) {
        if (isPlain(connection, packet) && isSender(connection, capture.node) && wayOf(packet, capture) === 'out') {
          if (agreesOnPlain(connection)) agreed.set(connection.name, (agreed.get(connection.name) ?? 0) + 1);
          else add(`${packet.src} > ${packet.dst} IP in IP left ${capture.node}:${capture.interface}`);
          continue;
        }
        if (wayOf(packet, capture) === 'out' && leaves(input, connection, sides, ends, match, capture.node, packet)) {
          add(`${packet.src} > ${packet.dst} protocol ${packet.protocol} left ${capture.node}:${capture.interface}`);
        }
      }
    }
  }
  const sealedFlows = cell.flows.filter((flow) => flow.protectedBy !== null);
  for (const flow of sealedFlows) {
    const seen = trace.associations.get(flow.name) ?? trace.flows.get(flow.name) ?? [];
    for (const packet of orphans(input, flow, ends.get(flow.name), seen))
      add(`flow ${flow.name} arrived in clear at ${packet.node}:${packet.interface}`);
  }
  const blind = sealedFlows
    .filter((flow) => !isWatched(input, flow))
    .map((flow) => `flow ${flow.name}: no capture where its protection begins`);
  const found = [...leaks].map(([what, count]) => `${count} packets ${what}`);
  const problems = [...found.slice(0, 3), ...(found.length > 3 ? [`and ${found.length - 3} more kinds`] : []), ...blind];
  const intended = [...agreed].map(([name, count]) => `${count} packets of ${name} left in clear, as its ends agreed`);
  return {
    name: 'cleartext',
    ok: problems.length === 0,
    severity: 'invalid',
    detail: [problems.join('; ') || (connections.length > 0 ? 'none' : 'nothing is to be protected'), ...intended].join('; '),
  };
}

/** By the name of each protected flow. */
function sealingOf(cell: CellExperiment, connections: readonly Connection[]): Map<string, Ends> {
  const ends = new Map<string, Ends>();
  for (const flow of cell.flows) {
    const connection = connections.find(({ name }) => name === flow.protectedBy);
    if (connection === undefined) continue;
    const entry = entryOf(cell, connection, flow);
    ends.set(flow.name, { entry, exit: exitOf(connection, entry) });
  }
  return ends;
}

/** A packet of dynamic mode that nothing protects. */
function isPlain(connection: Connection, packet: Packet): connection is MmlTunnel {
  return packet.protocol === 4 && isTunnel(connection) && isMml(connection) && isBetween(connection, packet);
}

const isTunnel = (connection: Connection): connection is Tunnel => 'initiatorInner' in connection;

const isSender = ({ initiator, responder }: Connection, node: string): boolean => initiator === node || responder === node;

/** Does this clear packet leave an end of the connection towards the other one? */
function leaves(
  input: MetricInput,
  connection: Connection,
  sides: Sides,
  ends: Map<string, Ends>,
  match: FlowMatcher,
  node: string,
  packet: Packet,
): boolean {
  if (packet.ipVersion === 0 || isControl(packet) || isMulticast(packet.dst)) return false;
  const { cell, run } = input;
  const hit = match(packet);
  if (hit !== null && hit.flow.protectedBy === connection.name && begin(ends, hit) === node) return true;
  const there = sides.initiator.has(packet.src) && sides.responder.has(packet.dst);
  const back = sides.responder.has(packet.src) && sides.initiator.has(packet.dst);
  const away = (node === connection.initiator && there) || (node === connection.responder && back);
  // outside the time of the flows the SAs may not be up yet, or be gone again
  return away && packet.t >= run.flowsStart && packet.t <= run.flowsStop && !isClearByIntent(packet, hit?.flow ?? null, cell.flows);
}

/** Where the protection of this packet of a flow begins. */
function begin(ends: Map<string, Ends>, { flow, forth }: FlowMatch): string | undefined {
  const { entry, exit } = ends.get(flow.name) ?? {};
  return forth ? entry : exit;
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
 * Clear arrivals at the end where the protection stops that no sealed packet preceded. The other end, when it is a gateway, hears in
 * clear what a host behind it sends into the tunnel.
 */
function orphans(
  input: MetricInput,
  flow: Flow,
  ends: Ends | undefined,
  seen: readonly (FlowSighting | AssociationSighting)[],
): PacketSighting[] {
  const sealed = new Set<string>();
  return seen.filter((packet) => {
    const begins = 'forth' in packet && !packet.forth ? ends?.exit : ends?.entry;
    if (packet.way !== 'in' || packet.node === begins || !endsAt(input, flow, packet.node)) return false;
    const key = `${packet.node} ${'forth' in packet ? contentOf(packet.inner) : packet.seq}`;
    if (packet.sealed) sealed.add(key);
    return !packet.sealed && !sealed.has(key);
  });
}

/** What tells a packet of an association from others: addresses, and the numbers of TCP or the first octets of SCTP's chunks. */
function contentOf({ src, dst, srcPort, tcp, payload }: Packet): string {
  if (tcp !== null) return `${src} ${dst} ${srcPort} ${tcp.seq} ${tcp.ack} ${tcp.flags} ${tcp.payload}`;
  return `${src} ${dst} ${payload.length} ${Buffer.from(payload.buffer, payload.byteOffset, Math.min(payload.length, 48)).toString('latin1')}`;
}

function isWatched({ cell, captures }: MetricInput, flow: Flow): boolean {
  const protection = protectionOf(cell, flow);
  return captures.some(({ node }) => node === protection?.initiator || node === protection?.responder);
}

/** Nothing is on a wire yet at an interface that is none, or where a tunnel begins. */
function isInside({ cell }: MetricInput, capture: CaptureInput): boolean {
  const node = cell.nodes.find((candidate) => candidate.name === capture.node);
  const dummy = node?.interfaces.find((entry) => entry.name === capture.interface)?.kind === 'dummy';
  return dummy || tunnelAt(cell, capture.node, capture.interface) !== null;
}
