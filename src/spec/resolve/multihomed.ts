/** sctp and mptcp flows: all addresses of each end, which end opens them, and what protects them. */
import type { Flow } from '../../types/experiment.ts';
import { type Prefix, parsePrefix, sameAddress } from '../address.ts';
import type { Path, Report } from '../problem.ts';
import { type FileFlow, MAX_FLOW_ADDRESSES } from '../schema/flows.ts';
import type { Context } from './context.ts';
import { reportNoAddresses, type Sheltered, sheltersOf } from './flow-protection.ts';
import { checkPairs, ofPrimary } from './multihomed-pairs.ts';
import { checkPaths } from './multihomed-paths.ts';
import { isUp, linkAddress, linkAddresses } from './routing.ts';
import { sctpSettings } from './sctp-settings.ts';
import type { Shelter } from './shelter.ts';

const RATED_SIZE = 1000;
const BULK_SIZE = 1200;

type Side = 'source' | 'destination';
const nodeOf = (file: FileFlow, side: Side): string => (side === 'source' ? file.from : file.to);

/** Inner address of the node, which gets it by a tunnel. */
export const hasInner = (shelters: readonly Shelter[], node: string, address: Prefix): boolean =>
  shelters.some(
    ({ initiator, virtualIp }) => initiator === node && virtualIp !== undefined && sameAddress(parsePrefix(virtualIp)!, address),
  );

const once = (list: readonly Prefix[]): Prefix[] =>
  list.filter((one, index) => list.findIndex((other) => sameAddress(one, other)) === index);

/** Those the file names. null: none. `false`: reported that the node does not have one of them when the flow starts. */
function given(context: Context, shelters: readonly Shelter[], file: FileFlow, side: Side, path: Path): Prefix[] | null | false {
  const written = file[side];
  let sound = true;
  const report: Report = (where, problem) => {
    sound = false;
    context.report(where, problem);
  };
  if (written === undefined || written === 'route') return null;
  const node = nodeOf(file, side);
  const found = [written].flat().map((text, index) => {
    const where = Array.isArray(written) ? [...path, side, index] : [...path, side];
    const prefix = parsePrefix(text)!;
    const owned = context.owned.find((one) => one.node === node && sameAddress(one.prefix, prefix));
    if (owned === undefined && !hasInner(shelters, node, prefix)) {
      report(where, { code: 'E_SPEC_ADDRESS_UNKNOWN', message: `node "${node}" does not have the address ${text}` });
    } else if (owned !== undefined && !isUp(context, owned)) {
      const hint = 'leave it out: an asconf event can add it when the interface is up';
      report(where, { code: 'E_SPEC_ADDRESS_UNKNOWN', message: `${node}:${owned.interface} with ${text} starts down`, hint });
    }
    return { prefix, where };
  });
  for (const [index, { prefix, where }] of found.entries()) {
    if (!found.slice(0, index).some((earlier) => sameAddress(earlier.prefix, prefix))) continue;
    report(where, {
      code: 'E_SPEC_ADDRESS_DUPLICATE',
      message: `${prefix.address} is listed twice`,
      hint: 'an address is one path',
    });
  }
  return sound && found.map(({ prefix }) => prefix);
}

/**
 * Tunnels between the nodes: their inner addresses, each once. One connection that stays where it is and is named by the flow: its
 * address. Else all link addresses that are up.
 */
function usual(context: Context, file: FileFlow, fitting: readonly Sheltered[], side: Side, family: 4 | 6 | undefined): Prefix[] {
  const tunnels = fitting.filter(({ shelter }) => shelter.mode === 'tunnel');
  const [first] = fitting;
  const wanted = (list: readonly Prefix[]) => list.filter((one) => one.family === (family ?? list[0]?.family));
  if (tunnels.length > 0) return wanted(once(tunnels.map((one) => one[side])));
  if (file.protectedBy !== undefined && first?.shelter.pinned === true) return [first[side]];
  const node = nodeOf(file, side);
  const version = family ?? linkAddress(context, node)?.prefix.family;
  return version === undefined ? [] : linkAddresses(context, node, version).map((owned) => owned.prefix);
}

/** null after a report. */
function bothEnds(
  context: Context,
  shelters: readonly Shelter[],
  name: string,
  file: FileFlow,
  fitting: readonly Sheltered[],
): Record<Side, Prefix[]> | null {
  const path: Path = ['flows', name];
  const named = {
    source: given(context, shelters, file, 'source', path),
    destination: given(context, shelters, file, 'destination', path),
  };
  if (named.source === false || named.destination === false) return null;
  const family = (named.source ?? named.destination)?.[0]?.family;
  const source = named.source ?? usual(context, file, fitting, 'source', family);
  const destination = named.destination ?? usual(context, file, fitting, 'destination', family ?? source[0]?.family);
  if (source.length === 0 || destination.length === 0) return reportNoAddresses(context, path);
  for (const [side, list] of Object.entries({ source, destination })) {
    if (list.length <= MAX_FLOW_ADDRESSES) continue;
    const hint = `name at most ${MAX_FLOW_ADDRESSES} with "${side}"`;
    context.report(path, { code: 'E_SPEC_TOO_BIG', message: `${list.length} addresses at one end`, at: 'key', got: name, hint });
    return null;
  }
  const other = [...source, ...destination].find((one) => one.family !== source[0]!.family);
  if (other === undefined) return { source, destination };
  const message = `${source[0]!.address} and ${other.address} are of different IP versions`;
  context.report(path, { code: 'E_SPEC_FLOW_FAMILY', message, at: 'key', got: name, hint: 'the addresses of a flow are of one' });
  return null;
}

const client = (context: Context, { client: named, from, to }: FileFlow): string =>
  named ?? [from, to].find((node) => context.nodes.get(node)?.role === 'MN') ?? from;

/** null after a report. */
export function multihomedFlow(context: Context, shelters: readonly Shelter[], name: string, file: FileFlow, port: number): Flow | null {
  const fitting = sheltersOf(context, shelters, file, ['flows', name]);
  const ends = fitting === null ? null : bothEnds(context, shelters, name, file, fitting);
  if (fitting === null || ends === null) return null;
  const { source, destination } = ends;
  const opener = client(context, file);
  if (fitting.length === 0) checkPaths(context, name, file, source, destination);
  else checkPairs(context, { name, file, client: opener }, fitting, ends);
  const { kind, from, to } = file;
  const rate = file.rate ?? 0;
  return {
    ...{ name, kind, from, to, source: source[0]!.address, destination: destination[0]!.address },
    sources: source.map(({ address }) => address),
    destinations: destination.map(({ address }) => address),
    client: opener,
    ...(kind === 'sctp' ? { sctp: sctpSettings(context, name, file) } : {}),
    ...{ port, rate, size: file.size ?? (rate === 0 ? BULK_SIZE : RATED_SIZE) },
    protectedBy: ofPrimary(file, fitting, ends)?.name ?? null,
  };
}
