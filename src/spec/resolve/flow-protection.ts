/** Which IPsec connections and WireGuard tunnels protect a flow, and between which addresses. */
import { isMultihomed } from '../../types/experiment.ts';
import { contains, host, type Prefix, parsePrefix } from '../address.ts';
import { suggest } from '../did-you-mean.ts';
import type { Path } from '../problem.ts';
import type { FileFlow } from '../schema/flows.ts';
import { absent, type Context, OTHER_CELLS } from './context.ts';
import { linkAddress, sourceAddress } from './routing.ts';
import type { Shelter } from './shelter.ts';

type Side = 'initiator' | 'responder';

/**
 * In transport mode the SAs of MOBIKE-X, and a flow that goes on from another address or has several, are about the two hosts: from
 * whichever link address of the initiator, to the responder's.
 */
function betweenHosts(shelter: Shelter, file: FileFlow): boolean {
  const follows = file.source === 'route' || file.answers !== undefined || isMultihomed(file);
  return shelter.mode === 'transport' && (shelter.mobility === 'mobikex' || follows);
}

/** Address of the node inside the connection's selectors on one side; undefined: the node is not on that side. */
function inside(context: Context, shelter: Shelter, side: Side, node: string): Prefix | undefined {
  const nets = (side === 'initiator' ? shelter.initiatorNets : shelter.responderNets).map((net) => parsePrefix(net)!);
  const own = side === 'initiator' ? (shelter.virtualIp ?? shelter.initiatorAddress) : shelter.responderAddress;
  const within = (prefix: Prefix) => nets.some((net) => contains(net, host(prefix)));
  if (node === shelter[side] && within(parsePrefix(own)!)) return parsePrefix(own)!;
  return context.owned.find((owned) => owned.node === node && within(owned.prefix))?.prefix;
}

/** Both inner addresses when the connection lies between the flow's nodes, in either direction. */
function between(context: Context, shelter: Shelter, file: FileFlow): { source: Prefix; destination: Prefix } | null {
  for (const [near, far] of [
    ['initiator', 'responder'],
    ['responder', 'initiator'],
  ] as const) {
    if (betweenHosts(shelter, file)) {
      if (file.from !== shelter[near] || file.to !== shelter[far]) continue;
      return { source: parsePrefix(shelter[`${near}Address`])!, destination: parsePrefix(shelter[`${far}Address`])! };
    }
    const [source, destination] = [inside(context, shelter, near, file.from), inside(context, shelter, far, file.to)];
    if (source !== undefined && destination !== undefined) return { source, destination };
  }
  return null;
}

export interface Sheltered {
  shelter: Shelter;
  source: Prefix;
  destination: Prefix;
}

/** The one the file names; null after a report, or in consequence of one. */
function named(context: Context, shelters: readonly Shelter[], file: FileFlow, name: string, path: Path): Sheltered | null {
  const where = [...path, 'protectedBy'];
  const shelter = shelters.find((one) => one.name === name);
  if (shelter === undefined) {
    const elsewhere = absent(context, 'ipsec', name) === 'other cells';
    if (elsewhere) {
      const message = `the IPsec connection "${name}" is not in this cell`;
      context.report(where, { code: 'E_SPEC_NO_CONNECTION', message, hint: OTHER_CELLS });
    } else if (!Object.hasOwn(context.file.ipsec, name)) {
      const hint = suggest(name, ['none', ...Object.keys(context.file.ipsec)]);
      context.report(where, { code: 'E_SPEC_NO_CONNECTION', message: `there is no IPsec connection "${name}"`, hint });
    }
    return null;
  }
  const found = between(context, shelter, file);
  if (found !== null) return { shelter, ...found };
  const message = `"${name}" does not lie between "${file.from}" and "${file.to}"`;
  context.report(where, { code: 'E_SPEC_FLOW_UNPROTECTED', message, hint: 'compare its initiatorNets and responderNets' });
  return null;
}

/** All that protect the flow, or the one it names; empty: in clear, which also follows from `security: none`. null after a report. */
export function sheltersOf(context: Context, shelters: readonly Shelter[], file: FileFlow, path: Path): Sheltered[] | null {
  const { protectedBy } = file;
  if (protectedBy === 'none' || (protectedBy !== undefined && absent(context, 'ipsec', protectedBy) === 'no security')) return [];
  if (protectedBy !== undefined) {
    const found = named(context, shelters, file, protectedBy, path);
    return found === null ? null : [found];
  }
  return shelters.flatMap((shelter) => {
    const found = between(context, shelter, file);
    return found === null ? [] : [{ shelter, ...found }];
  });
}

export interface Protection {
  shelter: Shelter | null;
  source: Prefix;
  destination: Prefix;
}

export function reportNoAddresses(context: Context, path: Path): null {
  if (!context.sound) return null;
  context.report(path, {
    code: 'E_SPEC_FLOW_UNREACHABLE',
    message: 'the flow has no addresses to use',
    at: 'key',
    hint: 'both nodes need a link',
  });
  return null;
}

/** Of a flow with one address at each end. null after a report. Without a connection: the addresses the links have. */
export function protection(context: Context, shelters: readonly Shelter[], file: FileFlow, path: Path): Protection | null {
  const fitting = sheltersOf(context, shelters, file, path);
  if (fitting === null) return null;
  if (fitting.length === 1) return fitting[0]!;
  if (fitting.length > 1) {
    const names = fitting.map((one) => one.shelter.name).join(', ');
    const hint = `add protectedBy, one of: ${names}`;
    context.report(path, { code: 'E_SPEC_FLOW_AMBIGUOUS', message: 'several IPsec connections fit', at: 'key', hint });
    return null;
  }
  const to = typeof file.destination === 'string' ? file.destination : undefined;
  const destination = to === undefined ? linkAddress(context, file.to)?.prefix : parsePrefix(to)!;
  const source =
    destination && (sourceAddress(context, file.from, destination) ?? linkAddress(context, file.from, destination.family))?.prefix;
  return destination !== undefined && source !== undefined ? { shelter: null, source, destination } : reportNoAddresses(context, path);
}
