/** Flows: which connection protects them, from which address to which, and on what port. */
import type { Flow, IpsecConnection } from '../../types/experiment.ts';
import { contains, host, type Prefix, parsePrefix, sameAddress } from '../address.ts';
import { suggest } from '../did-you-mean.ts';
import { itemNameProblem } from '../names.ts';
import type { Path } from '../problem.ts';
import type { FileFlow } from '../schema/flows.ts';
import { type Context, nodeAt } from './context.ts';
import { reportName } from './nodes.ts';
import { linkAddress, sourceAddress, unreachable } from './routing.ts';

const FIRST_PORT = 5001;
const DEFAULT_RATE = 100;
const DEFAULT_SIZE = 200;

type Side = 'initiator' | 'responder';

/** Address of the node inside the connection's selectors on one side; undefined: the node is not on that side. */
function inside(context: Context, connection: IpsecConnection, side: Side, node: string): Prefix | undefined {
  const nets = (side === 'initiator' ? connection.initiatorNets : connection.responderNets).map((net) => parsePrefix(net)!);
  const own = side === 'initiator' ? (connection.virtualIp ?? connection.initiatorAddress) : connection.responderAddress;
  const within = (prefix: Prefix) => nets.some((net) => contains(net, host(prefix)));
  if (node === connection[side] && within(parsePrefix(own)!)) return parsePrefix(own)!;
  return context.owned.find((owned) => owned.node === node && within(owned.prefix))?.prefix;
}

/** Both inner addresses when the connection lies between the nodes, in either direction. */
function between(context: Context, connection: IpsecConnection, from: string, to: string): { source: Prefix; destination: Prefix } | null {
  for (const [near, far] of [
    ['initiator', 'responder'],
    ['responder', 'initiator'],
  ] as const) {
    const [source, destination] = [inside(context, connection, near, from), inside(context, connection, far, to)];
    if (source !== undefined && destination !== undefined) return { source, destination };
  }
  return null;
}

interface Protection {
  connection: IpsecConnection | null;
  source: Prefix;
  destination: Prefix;
}

function protection(context: Context, connections: IpsecConnection[], file: FileFlow, path: Path): Protection | null {
  const { report } = context;
  if (file.protectedBy !== undefined && file.protectedBy !== 'none') {
    const connection = connections.find((one) => one.name === file.protectedBy);
    const where = [...path, 'protectedBy'];
    if (connection === undefined) {
      if (Object.hasOwn(context.file.ipsec, file.protectedBy)) return null;
      const names = ['none', ...Object.keys(context.file.ipsec)];
      report(where, {
        code: 'E_SPEC_NO_CONNECTION',
        message: `there is no IPsec connection "${file.protectedBy}"`,
        hint: suggest(file.protectedBy, names),
      });
      return null;
    }
    const found = between(context, connection, file.from, file.to);
    if (found !== null) return { connection, ...found };
    const message = `"${connection.name}" does not lie between "${file.from}" and "${file.to}"`;
    report(where, { code: 'E_SPEC_FLOW_UNPROTECTED', message, hint: 'compare its initiatorNets and responderNets' });
    return null;
  }
  if (file.protectedBy === undefined) {
    const fitting = connections.flatMap((connection) => {
      const found = between(context, connection, file.from, file.to);
      return found === null ? [] : [{ connection, ...found }];
    });
    if (fitting.length === 1) return fitting[0]!;
    if (fitting.length > 1) {
      const names = fitting.map((one) => one.connection.name).join(', ');
      report(path, {
        code: 'E_SPEC_FLOW_AMBIGUOUS',
        message: 'several IPsec connections fit',
        at: 'key',
        hint: `add protectedBy, one of: ${names}`,
      });
      return null;
    }
  }
  const destination = file.destination === undefined ? linkAddress(context, file.to)?.prefix : parsePrefix(file.destination)!;
  const source =
    destination && (sourceAddress(context, file.from, destination) ?? linkAddress(context, file.from, destination.family))?.prefix;
  if (destination !== undefined && source !== undefined) return { connection: null, source, destination };
  if (!context.sound) return null;
  report(path, { code: 'E_SPEC_FLOW_UNREACHABLE', message: 'the flow has no addresses to use', at: 'key', hint: 'both nodes need a link' });
  return null;
}

/** An address the file names must be one the node has, or gets by IPsec. */
function explicit(context: Context, connection: IpsecConnection | null, node: string, text: string, path: Path): Prefix {
  const prefix = parsePrefix(text)!;
  const virtual = connection?.initiator === node && connection.virtualIp === text;
  if (!virtual && !context.owned.some((owned) => owned.node === node && sameAddress(owned.prefix, prefix))) {
    context.report(path, { code: 'E_SPEC_ADDRESS_UNKNOWN', message: `node "${node}" does not have the address ${text}` });
  }
  return prefix;
}

function resolveFlow(context: Context, connections: IpsecConnection[], name: string, file: FileFlow, port: number): Flow | null {
  const path: Path = ['flows', name];
  reportName(context.report, path, name, itemNameProblem(name));
  const from = nodeAt(context, file.from, [...path, 'from']);
  const to = nodeAt(context, file.to, [...path, 'to']);
  for (const key of ['rate', 'size'] as const) {
    if (file.kind !== 'tcp' || file[key] === undefined) continue;
    const hint = 'bulk transfer sends as fast as it can';
    context.report([...path, key], { code: 'E_SPEC_CONFLICT', message: `a tcp flow has no ${key}`, at: 'key', got: key, hint });
  }
  if (from === null || to === null) return null;
  if (from === to) {
    context.report([...path, 'to'], { code: 'E_SPEC_FLOW_SELF', message: 'the flow ends where it starts', hint: 'name another node' });
    return null;
  }
  const found = protection(context, connections, file, path);
  if (found === null) return null;
  const { connection } = found;
  const source = file.source ? explicit(context, connection, from.name, file.source, [...path, 'source']) : found.source;
  const destination = file.destination
    ? explicit(context, connection, to.name, file.destination, [...path, 'destination'])
    : found.destination;
  if (connection === null) {
    const broken =
      source.family === destination.family ? unreachable(context, from.name, destination) : 'the addresses are of different IP versions';
    if (broken !== null && context.sound) {
      const message = `packets from "${from.name}" do not reach ${destination.address}: ${broken}`;
      context.report(path, { code: 'E_SPEC_FLOW_UNREACHABLE', message, at: 'key', got: name, hint: 'add a route under "routes"' });
    }
  }
  const udp = file.kind === 'udp';
  return {
    name,
    kind: file.kind,
    from: from.name,
    to: to.name,
    source: source.address,
    destination: destination.address,
    port,
    rate: udp ? (file.rate ?? DEFAULT_RATE) : 0,
    size: udp ? (file.size ?? DEFAULT_SIZE) : 0,
    protectedBy: connection?.name ?? null,
  };
}

export function resolveFlows(context: Context, connections: IpsecConnection[]): Flow[] {
  const files = Object.entries(context.file.flows);
  const taken = new Set(files.flatMap(([, file]) => file.port ?? []));
  const used = new Set<number>();
  let next = FIRST_PORT;
  return files.flatMap(([name, file]) => {
    while (file.port === undefined && taken.has(next)) next++;
    const port = file.port ?? next++;
    if (used.has(port)) {
      const hint = 'each flow needs its own port';
      context.report(['flows', name, 'port'], { code: 'E_SPEC_PORT_DUPLICATE', message: `port ${port} is used by another flow`, hint });
    }
    used.add(port);
    return resolveFlow(context, connections, name, file, port) ?? [];
  });
}
