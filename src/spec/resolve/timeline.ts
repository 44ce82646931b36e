/** The timeline: events in order of time, on interfaces that exist, and new addresses that are free when they come. */
import type { Flow, IpsecConnection, LabNode, LabRoute, TimedEvent } from '../../types/experiment.ts';
import { contains, isReservedHost, isUnicast, overlaps, type Prefix, parsePrefix, sameAddress, sameNetwork } from '../address.ts';
import type { Path } from '../problem.ts';
import type { FileEvent } from '../schema/timeline.ts';
import { type AssociationState, asconf, associations } from './asconf.ts';
import { type Context, endKey, interfaceAt, labRoute, nodeAt, type Owned } from './context.ts';
import { type Before, mobikeCommand, softHandover } from './mobike-events.ts';
import { checkRoute } from './routes.ts';
import { routeInterface } from './routing.ts';
import type { Shelter } from './shelter.ts';

type Of<Kind extends FileEvent['event']> = Extract<FileEvent, { event: Kind }>;

/** Events that act on the path rather than on the interface need one. */
const NEEDS_LINK = new Set<FileEvent['event']>(['carrier-off', 'blackhole', 'readdress']);

/** Routes of the node that leave by the interface: lost with its address, added back after it. */
function routesOver(context: Context, node: LabNode, name: string): LabRoute[] {
  return node.routes.filter((route) => routeInterface(context, node.name, route) === name).map((route) => ({ ...route }));
}

/** `addresses` is the state when the event comes: it is changed by the event. */
function readdress(context: Context, file: Of<'readdress'>, path: Path, addresses: Owned[], reserved: Prefix[]): TimedEvent | null {
  const { report } = context;
  const node = context.nodes.get(file.node)!;
  const to = parsePrefix(file.address)!;
  const where = [...path, 'address'];
  const mine = (owned: Owned) => owned.node === file.node && owned.interface === file.interface;
  const old = addresses.find((owned) => mine(owned) && owned.prefix.family === to.family);
  if (old === undefined) {
    report(where, { code: 'E_SPEC_EVENT_ADDRESS', message: `${endKey(file)} has no IPv${to.family} address to replace` });
    return null;
  }
  const user = addresses.find((owned) => sameAddress(owned.prefix, to));
  if (user !== undefined || reserved.some((prefix) => sameAddress(prefix, to))) {
    const owner = user === undefined ? 'an IPsec connection' : endKey(user);
    report(where, {
      code: 'E_SPEC_ADDRESS_DUPLICATE',
      message: `${to.address} is in use by ${owner} at that time`,
      hint: 'choose a free address',
    });
    return null;
  }
  if (!isUnicast(to) || isReservedHost(to)) {
    report(where, { code: 'E_SPEC_ADDRESS', message: `${file.address} cannot be the address of an interface` });
    return null;
  }
  const peer = context.peers.get(endKey(file))!.peer;
  const shared = addresses.some((owned) => endKey(owned) === endKey(peer) && sameNetwork(owned.prefix, to));
  if (!shared) {
    const foreign = addresses.find((owned) => overlaps(owned.prefix, to) && endKey(owned) !== endKey(peer) && !mine(owned));
    const message = foreign
      ? `${file.address} lies in the subnet of ${endKey(foreign)}`
      : `${endKey(peer)} has no address in the subnet of ${file.address}`;
    report(where, { code: 'E_SPEC_SUBNET_MISMATCH', message, hint: `the other end, ${endKey(peer)}, needs an address there` });
    return null;
  }
  const routes = file.routes?.map(labRoute) ?? routesOver(context, node, file.interface);
  for (const [index, route] of routes.entries()) {
    const at = file.routes === undefined ? where : [...path, 'routes', index];
    if (!checkRoute(context, node, route, at) || route.via === undefined) continue;
    const via = parsePrefix(route.via)!;
    if (via.family !== to.family || contains(to, via)) continue;
    const stays = addresses.some((owned) => owned.node === file.node && owned !== old && contains(owned.prefix, via));
    if (stays) continue;
    const message = `next hop ${route.via} is outside the new subnet of ${file.address}`;
    report(at, {
      code: 'E_SPEC_ROUTE_NEXT_HOP',
      message,
      hint: file.routes === undefined ? 'give the event its own "routes"' : 'a next hop must be on a link of the node',
    });
  }
  addresses.splice(addresses.indexOf(old), 1, { ...old, prefix: to, path: where });
  const from = `${old.prefix.address}/${old.prefix.bits}`;
  return { at: file.at, kind: 'readdress', node: file.node, interface: file.interface, from, to: file.address, routes };
}

function checkTime(context: Context, file: FileEvent, path: Path): void {
  const [at, end] = [[...path, 'at'], context.file.duration];
  if (file.at < 0) {
    const hint = 'times count from the start of the flows';
    context.report(at, { code: 'E_SPEC_EVENT_TIME', message: 'the event comes before the flows start', hint });
  } else if (file.at >= end) {
    const hint = 'move it, or give the experiment a longer "duration"';
    context.report(at, { code: 'E_SPEC_EVENT_TIME', message: `the event comes after the end (duration ${end} s)`, hint });
  }
}

function routeSwap(context: Context, file: Of<'route-swap'>, path: Path): TimedEvent | null {
  const node = nodeAt(context, file.node, [...path, 'node']);
  if (node === null) return null;
  for (const key of ['remove', 'add'] as const) {
    for (const [index, route] of file[key].entries()) checkRoute(context, node, labRoute(route), [...path, key, index]);
  }
  if (file.add.length + file.remove.length === 0) {
    context.report(path, { code: 'E_SPEC_RANGE', message: 'the event changes no route', hint: 'give it "remove" or "add"' });
  }
  return { at: file.at, kind: 'route-swap', node: node.name, remove: file.remove.map(labRoute), add: file.add.map(labRoute) };
}

function resolveEvent(
  context: Context,
  file: FileEvent,
  path: Path,
  connections: IpsecConnection[],
  before: Before & AssociationState & { addresses: Owned[]; reserved: Prefix[] },
): TimedEvent | null {
  checkTime(context, file, path);
  if (file.event === 'make-before-break') return softHandover(context, file, path, connections, before);
  if (file.event === 'mobike') return mobikeCommand(context, file, path, connections, before);
  if (file.event === 'asconf') return asconf(context, file, path, before);
  for (const walk of before.walks.values()) walk.forget();
  if (file.event === 'route-swap') return routeSwap(context, file, path);
  const found = interfaceAt(context, file, [...path, 'node'], [...path, 'interface']);
  if (found === null) return null;
  if (NEEDS_LINK.has(file.event) && !context.peers.has(endKey(file))) {
    const message = `${endKey(file)} has no link for "${file.event}" to act on`;
    context.report([...path, 'interface'], { code: 'E_SPEC_EVENT_LINK', message, hint: 'name an interface that is the end of a link' });
    return null;
  }
  if (file.event === 'admin-down') before.down.add(endKey(file));
  if (file.event === 'interface-up') before.down.delete(endKey(file));
  if (file.event === 'readdress') return readdress(context, file, path, before.addresses, before.reserved);
  return { at: file.at, kind: file.event, node: file.node, interface: file.interface };
}

/** Sorted by time; events of one moment keep their order in the file. */
export function resolveTimeline(
  context: Context,
  connections: IpsecConnection[],
  shelters: readonly Shelter[],
  flows: readonly Flow[],
): TimedEvent[] {
  const addresses = [...context.owned];
  const reserved = shelters.flatMap(({ virtualIp }) => (virtualIp === undefined ? [] : [parsePrefix(virtualIp)!]));
  const before = { addresses, reserved, walks: new Map(), ...associations(context, shelters, flows) };
  const inOrder = [...context.events].sort(([, a], [, b]) => a.at - b.at);
  return inOrder.flatMap(([index, file]) => resolveEvent(context, file, ['timeline', index], connections, before) ?? []);
}
