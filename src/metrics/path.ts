/**
 * What is new about a packet the MN sends after t0. With IPsec it is the outer source address: the kernel sends ESP that
 * still carries the old address out of the next interface as soon as the route falls over, long before IKE has moved
 * anything, and such a packet is no sign of the system having moved. Nor is a clear one: a socket without an address of its own
 * sends from the new address at once, protected or not. Inner addresses do not matter: each of several dormant tunnels has its own, and
 * its own outer address too. A tunnel with an interface of its own (WireGuard) is judged like IPsec, by its own packets. Without either the interface or the address changes.
 * SCTP and MPTCP choose among addresses themselves: theirs alone tells, protected or not, so that T_SYS of both can be compared.
 *
 * Each kind of packet has its own past: a path that IKE made ready before t0, or that SCTP announced with an ASCONF, is new to the data
 * that moves to it. Not the other way around: the first ASCONF of all, from the address data came from before, is no move.
 *
 * Of SCTP what tells the peer that the system has moved counts: DATA, SACK, ASCONF, whatever they are bundled with. HEARTBEATs and their
 * acknowledgements never do: a path that is idle is probed once in a while whether or not anything happens (RFC 9260 section 8.3), the
 * first time perhaps after t0. Nor does what ends an association (sections 9.1, 9.2).
 */
import type { Nanoseconds } from '../types/run.ts';
import { AddressSet, withoutPrefix } from './address.ts';
import { type MetricInput, mobileConnection, mobileNode } from './input.ts';
import type { PacketSighting, Sighting, Trace } from './sighting.ts';
import { tunnelsOf } from './tunnels.ts';

/** What the MN itself sent, by time: IKE messages, tunnels' packets, flow packets, and all packets of associations; only protected ones where there is protection. */
export function sentBy(input: MetricInput, trace: Trace): Sighting[] {
  const mobile = mobileNode(input.cell);
  const secured = isSecured(input);
  // on a tunnel's interface a packet has not been protected yet: what leaves for it is among the tunnel's own
  const counts = ({ sealed, inner, outer }: PacketSighting): boolean => (sealed ? inner !== outer : !secured);
  const data = [...trace.flows].flatMap(([name, seen]): PacketSighting[] => trace.associations.get(name) ?? seen);
  const all: Sighting[] = [...trace.ike, ...trace.carriers, ...data.filter(counts)];
  return all.filter((seen) => seen.node === mobile && seen.way === 'out').sort((a, b) => a.t - b.t);
}

/** A predicate: does this packet of the MN use an address (without protection and of a transport with one address: or an interface) neither its kind nor data had used before `t0`? */
export function newPath(input: MetricInput, trace: Trace, t0: Nanoseconds): (seen: Sighting) => boolean {
  const secured = isSecured(input);
  const pathOf = (kind: string, seen: Sighting): string => `${kind} ${secured || 'forth' in seen ? '' : seen.interface} ${seen.outer.src}`;
  const used = new Set<string>();
  for (const seen of sentBy(input, trace)) if (seen.t < t0) used.add(pathOf(kindOf(seen) ?? '', seen));
  return (seen) => {
    const kind = kindOf(seen);
    return kind !== null && !used.has(pathOf(kind, seen)) && !used.has(pathOf('data', seen));
  };
}

/**
 * Had flows that go over several addresses (SCTP, MPTCP) sent from every address of the MN before `t0`, so that none is left to move to?
 * An end that only receives tells by its acknowledgements.
 */
export function usedEveryAddress(input: MetricInput, trace: Trace, t0: Nanoseconds): boolean {
  const ports =
    input.cell.nodes.find(({ name }) => name === mobileNode(input.cell))?.interfaces.filter(({ kind }) => kind === 'veth') ?? [];
  const own = ports.flatMap(({ addresses }) => addresses.map(withoutPrefix));
  const past = sentBy(input, trace).filter((seen) => seen.t < t0 && 'forth' in seen);
  const data = past.filter((seen) => kindOf(seen) === 'data');
  const used = new AddressSet((data.length > 0 ? data : past.filter((seen) => kindOf(seen) !== null)).map(({ outer }) => outer.src));
  return own.length > 1 && own.every((address) => used.has(address));
}

/** Chunks that make no move, by name: probes of paths, and the end of the association. */
const STILL = new Set(['HEARTBEAT', 'HEARTBEAT-ACK', 'SHUTDOWN', 'SHUTDOWN-ACK', 'SHUTDOWN-COMPLETE', 'ABORT']);

function isSecured({ cell }: MetricInput): boolean {
  const mobile = mobileNode(cell);
  return mobileConnection(cell) !== null || tunnelsOf(cell).some(({ initiator }) => initiator === mobile);
}

/** Null for what never counts. */
function kindOf(seen: Sighting & { inner?: PacketSighting['inner'] }): string | null {
  if (seen.outer.ike !== null) return 'ike';
  const { sctp, tcp } = seen.inner ?? seen.outer;
  if (tcp !== null) return tcp.payload > 0 ? 'data' : 'acknowledgement';
  if (sctp === null) return 'data';
  const names = new Set(sctp.chunks.map(({ name }) => name));
  if (names.has('DATA') || names.has('SACK')) return 'data';
  const counting = [...names].filter((name) => !STILL.has(name));
  return counting.length === 0 ? null : counting.join('+');
}
