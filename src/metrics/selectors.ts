/**
 * The two sides of a connection as sets of addresses: traffic from one side to the other must be sealed. In tunnel mode
 * these are the traffic selectors. In transport mode they are the hosts' own addresses, including those an event gives
 * the MN later: exactly the packets that leak when the policies still name the old address.
 */
import type { CellExperiment, Flow, IpsecConnection } from '../types/experiment.ts';
import { AddressSet, withoutPrefix } from './address.ts';
import type { Protection } from './protection.ts';
import type { Tunnel } from './tunnels.ts';

export interface Sides {
  initiator: AddressSet;
  responder: AddressSet;
}

/** Of a tunnel the sides are the inner addresses. */
export function sidesOf(cell: CellExperiment, connection: IpsecConnection | Tunnel): Sides {
  if ('initiatorInner' in connection) {
    return { initiator: new AddressSet([connection.initiatorInner]), responder: new AddressSet([connection.responderInner]) };
  }
  if (connection.mode === 'transport') {
    return { initiator: hostAddresses(cell, connection.initiator), responder: hostAddresses(cell, connection.responder) };
  }
  const inner = connection.virtualIp ?? connection.initiatorAddress;
  return {
    initiator: new AddressSet(connection.initiatorNets.length > 0 ? connection.initiatorNets : [withoutPrefix(inner)]),
    responder: new AddressSet(connection.responderNets.length > 0 ? connection.responderNets : [connection.responderAddress]),
  };
}

/**
 * The end of the connection on the sender's side of a flow it protects: from there on every packet of the flow is sealed, whatever its
 * addresses are by then. Nodes tell; addresses, those at the start, only where neither sender nor receiver is an end.
 */
export function entryOf(cell: CellExperiment, connection: IpsecConnection | Tunnel, { from, to, source }: Flow): string {
  const { initiator, responder } = connection;
  if (from === initiator || to === responder) return initiator;
  if (from === responder || to === initiator) return responder;
  return sidesOf(cell, connection).responder.has(source) ? responder : initiator;
}

/** The other end, where the protection of what flows back begins. */
export function exitOf({ initiator, responder }: Protection, entry: string): string {
  return entry === initiator ? responder : initiator;
}

function hostAddresses(cell: CellExperiment, name: string): AddressSet {
  const set = new AddressSet();
  const node = cell.nodes.find((candidate) => candidate.name === name);
  for (const address of node?.interfaces.flatMap((entry) => entry.addresses) ?? []) set.add(withoutPrefix(address));
  for (const event of cell.timeline) {
    if (event.kind === 'readdress' && event.node === name) set.add(withoutPrefix(event.to));
  }
  return set;
}
