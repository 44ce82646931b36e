/**
 * An association or connection with several addresses sends between any two of them: each pair must lie within the selectors of one
 * connection, or its packets leave in clear.
 */
import { contains, host, type Prefix, parsePrefix, sameAddress } from '../address.ts';
import type { Problem } from '../problem.ts';
import type { Shelter } from './shelter.ts';

export interface Pairs {
  from: string;
  to: string;
  sources: readonly Prefix[];
  destinations: readonly Prefix[];
}
type Nodes = Pick<Pairs, 'from' | 'to'>;
interface End {
  node: string;
  address: Prefix;
}

const within = (nets: readonly string[], address: Prefix): boolean => nets.some((net) => contains(parsePrefix(net)!, host(address)));
const is = (text: string, address: Prefix): boolean => sameAddress(parsePrefix(text)!, address);

function oneWay(shelter: Shelter, near: End, far: End): boolean {
  if (shelter.mode === 'tunnel') return within(shelter.initiatorNets, near.address) && within(shelter.responderNets, far.address);
  if (shelter.initiator !== near.node || shelter.responder !== far.node) return false;
  // in transport mode the selectors are the two addresses themselves; MOBIKE-X has a CHILD_SA for each path between the two hosts
  return shelter.mobility === 'mobikex' || (is(shelter.initiatorAddress, near.address) && is(shelter.responderAddress, far.address));
}

/** Whether packets between the two addresses, of these two nodes, are within the connection's selectors. */
export function protects(shelter: Shelter, { from, to }: Nodes, source: Prefix, destination: Prefix): boolean {
  const [a, b] = [
    { node: from, address: source },
    { node: to, address: destination },
  ];
  return oneWay(shelter, a, b) || oneWay(shelter, b, a);
}

/**
 * First two addresses that no connection protects; null: there are none. To an inner address of WireGuard every packet goes by the tunnel's
 * interface, and the peer drops what is not between the tunnel's own: such a pair leaks nothing, if each of the two is used with another.
 */
export function openPair(shelters: readonly Shelter[], pairs: Pairs): [source: Prefix, destination: Prefix] | null {
  const { sources, destinations } = pairs;
  const covered = (source: Prefix, destination: Prefix) => shelters.some((one) => protects(one, pairs, source, destination));
  const routed = (one: Prefix) =>
    shelters.some(({ ownInterface, initiatorNets, responderNets }) => ownInterface && within([...initiatorNets, ...responderNets], one));
  for (const source of sources) {
    for (const destination of destinations) {
      if (covered(source, destination)) continue;
      const both = sources.some((one) => covered(one, destination)) && destinations.some((one) => covered(source, one));
      if (!both || !routed(source) || !routed(destination)) return [source, destination];
    }
  }
  return null;
}

/** What to say of a pair; `named`: the flow's `protectedBy`. */
export function openPairProblem([source, destination]: [Prefix, Prefix], named: string | undefined): Omit<Problem, 'path'> {
  const between = `packets between ${source.address} and ${destination.address}`;
  return {
    code: 'E_SPEC_FLOW_UNPROTECTED',
    message: named === undefined ? `no connection protects ${between}` : `"${named}" does not protect ${between}`,
    hint: 'add a connection (or networks of a tunnel) that covers them, or list fewer addresses under "source" and "destination"',
  };
}
