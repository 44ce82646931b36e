/** Which IPsec connection protects a flow, and between which addresses. */
import type { IpsecConnection } from '../../types/experiment.ts';
import { contains, host, type Prefix, parsePrefix } from '../address.ts';
import { suggest } from '../did-you-mean.ts';
import type { Path } from '../problem.ts';
import type { FileFlow } from '../schema/flows.ts';
import type { Context } from './context.ts';
import { linkAddress, sourceAddress } from './routing.ts';

type Side = 'initiator' | 'responder';

/**
 * In transport mode the SAs of MOBIKE-X, and a flow that goes on from another address, are about the two hosts: from whichever
 * link address of the initiator, to the responder's.
 */
function betweenHosts(connection: IpsecConnection, file: FileFlow): boolean {
  const follows = file.source === 'route' || file.answers !== undefined;
  return connection.mode === 'transport' && (connection.mobility === 'mobikex' || follows);
}

/** Address of the node inside the connection's selectors on one side; undefined: the node is not on that side. */
function inside(context: Context, connection: IpsecConnection, side: Side, node: string): Prefix | undefined {
  const nets = (side === 'initiator' ? connection.initiatorNets : connection.responderNets).map((net) => parsePrefix(net)!);
  const own = side === 'initiator' ? (connection.virtualIp ?? connection.initiatorAddress) : connection.responderAddress;
  const within = (prefix: Prefix) => nets.some((net) => contains(net, host(prefix)));
  if (node === connection[side] && within(parsePrefix(own)!)) return parsePrefix(own)!;
  return context.owned.find((owned) => owned.node === node && within(owned.prefix))?.prefix;
}

/** Both inner addresses when the connection lies between the flow's nodes, in either direction. */
function between(context: Context, connection: IpsecConnection, file: FileFlow): { source: Prefix; destination: Prefix } | null {
  for (const [near, far] of [
    ['initiator', 'responder'],
    ['responder', 'initiator'],
  ] as const) {
    if (betweenHosts(connection, file)) {
      if (file.from !== connection[near] || file.to !== connection[far]) continue;
      return { source: parsePrefix(connection[`${near}Address`])!, destination: parsePrefix(connection[`${far}Address`])! };
    }
    const [source, destination] = [inside(context, connection, near, file.from), inside(context, connection, far, file.to)];
    if (source !== undefined && destination !== undefined) return { source, destination };
  }
  return null;
}

export interface Protection {
  connection: IpsecConnection | null;
  source: Prefix;
  destination: Prefix;
}

/** null after a report. Without a connection: the addresses the links have. */
export function protection(context: Context, connections: IpsecConnection[], file: FileFlow, path: Path): Protection | null {
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
    const found = between(context, connection, file);
    if (found !== null) return { connection, ...found };
    const message = `"${connection.name}" does not lie between "${file.from}" and "${file.to}"`;
    report(where, { code: 'E_SPEC_FLOW_UNPROTECTED', message, hint: 'compare its initiatorNets and responderNets' });
    return null;
  }
  if (file.protectedBy === undefined) {
    const fitting = connections.flatMap((connection) => {
      const found = between(context, connection, file);
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
