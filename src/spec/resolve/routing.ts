/**
 * What the kernels will do with a packet, as far as addresses and static routes tell: longest prefix, then metric,
 * hop by hop over the links. Used to refuse experiments whose IPsec peers or flows cannot reach each other.
 */
import type { LabRoute } from '../../types/experiment.ts';
import { contains, host, type Prefix, parsePrefix, sameAddress } from '../address.ts';
import { type Context, endKey, type Leg, type Owned, type Way } from './context.ts';

export interface Hop {
  interface: string;
  /** next hop's address: the gateway, or the destination itself on the link */
  next: Prefix;
}

export function isUp(context: Context, owned: Owned): boolean {
  return context.nodes.get(owned.node)!.interfaces.find((one) => one.name === owned.interface)!.up;
}

const ofNode = (context: Context, node: string) => context.owned.filter((owned) => owned.node === node && isUp(context, owned));

/** The interface over which the node would send to an address of its own subnets. */
function connected(context: Context, node: string, to: Prefix): Owned | undefined {
  const fitting = ofNode(context, node).filter((owned) => contains(owned.prefix, to));
  return fitting.sort((a, b) => b.prefix.bits - a.prefix.bits)[0];
}

/** Interface a route leaves by: `dev`, else the one whose subnet holds `via`. undefined: the kernel would refuse the route. */
export function routeInterface(context: Context, node: string, route: LabRoute): string | undefined {
  if (route.via === undefined) return route.dev;
  const owned = connected(context, node, parsePrefix(route.via)!);
  if (owned === undefined || (route.dev !== undefined && route.dev !== owned.interface)) return undefined;
  return owned.interface;
}

/** Best route of the node to a foreign address in one table; undefined: in the main one, which has the node's own subnets. */
function hopIn(context: Context, node: string, to: Prefix, table: number | undefined): Hop | undefined {
  const candidates: { bits: number; metric: number; hop: Hop }[] = [];
  const direct = table === undefined ? connected(context, node, to) : undefined;
  if (direct !== undefined) candidates.push({ bits: direct.prefix.bits, metric: 0, hop: { interface: direct.interface, next: to } });
  for (const route of context.nodes.get(node)!.routes) {
    if (route.table !== table) continue;
    const gateway = route.via === undefined ? to : parsePrefix(route.via)!;
    const prefix = route.to === 'default' ? null : parsePrefix(route.to)!;
    if (prefix === null ? gateway.family !== to.family : !contains(prefix, to)) continue;
    const name = routeInterface(context, node, route);
    if (name !== undefined)
      candidates.push({ bits: prefix?.bits ?? 0, metric: route.metric ?? 0, hop: { interface: name, next: gateway } });
  }
  return candidates.sort((a, b) => b.bits - a.bits || a.metric - b.metric)[0]?.hop;
}

/** Tables whose rules match the source, in order; the main one comes last. */
function tables(context: Context, node: string, source: Prefix | undefined): (number | undefined)[] {
  const rules = source === undefined ? [] : (context.nodes.get(node)!.rules ?? []);
  return [...rules.filter((rule) => sameAddress(parsePrefix(rule.from)!, source!)).map((rule) => rule.table), undefined];
}

/** Best route of the node to a foreign address, for packets from `source`; without one, for those whose source is still open. */
export function bestHop(context: Context, node: string, to: Prefix, source?: Prefix): Hop | undefined {
  for (const table of tables(context, node, source)) {
    const hop = hopIn(context, node, to, table);
    if (hop !== undefined) return hop;
  }
  return undefined;
}

/** The way of packets from the node, and from its address `source` if given. */
export function wayTo(context: Context, from: string, destination: Prefix, source?: Prefix): Way {
  const key = `${from} ${source?.address ?? ''} ${destination.address}`;
  const known = context.reach.get(key);
  if (known !== undefined) return known;
  const legs: Leg[] = [];
  const found = { legs, broken: follow(context, from, host(destination), source, legs) };
  context.reach.set(key, found);
  return found;
}

/** null when packets from the node, and from its address `source` if given, arrive; else the reason in words. */
export const unreachable = (context: Context, from: string, destination: Prefix, source?: Prefix): string | null =>
  wayTo(context, from, destination, source).broken;

function follow(context: Context, from: string, to: Prefix, source: Prefix | undefined, legs: Leg[]): string | null {
  let node = from;
  const seen = new Set<string>();
  for (;;) {
    if (context.owned.some((owned) => owned.node === node && sameAddress(owned.prefix, to))) return null;
    if (node !== from && !context.nodes.get(node)!.forwarding) return `"${node}" does not forward`;
    if (seen.has(node)) return `packets come back to "${node}"`;
    seen.add(node);
    const hop = bestHop(context, node, to, source);
    if (hop === undefined) return `"${node}" has no route to ${to.address}`;
    const link = context.peers.get(endKey({ node, interface: hop.interface }));
    if (link === undefined) return `"${node}" sends them to ${hop.interface}, which has no link`;
    const there = context.owned.some(
      (owned) => owned.node === link.peer.node && owned.interface === link.peer.interface && sameAddress(owned.prefix, hop.next),
    );
    if (!there) return `"${node}" sends them to ${hop.next.address} over ${hop.interface}, but nobody there has that address`;
    legs.push({ from: { node, interface: hop.interface }, to: link.peer });
    node = link.peer.node;
  }
}

/** First address of the node on a link, IPv4 first when asked for. */
export function linkAddress(context: Context, node: string, family?: 4 | 6): Owned | undefined {
  return context.owned.find(
    (owned) => owned.node === node && context.peers.has(endKey(owned)) && (family === undefined || owned.prefix.family === family),
  );
}

/** All of them on interfaces that are up at the start, in the order of the interfaces. */
export function linkAddresses(context: Context, node: string, family: 4 | 6): Owned[] {
  return ofNode(context, node).filter((owned) => context.peers.has(endKey(owned)) && owned.prefix.family === family);
}

/** Address the node would send from towards a destination. */
export function sourceAddress(context: Context, node: string, to: Prefix): Owned | undefined {
  const hop = bestHop(context, node, host(to));
  return context.owned.find((owned) => owned.node === node && owned.interface === hop?.interface && owned.prefix.family === to.family);
}
