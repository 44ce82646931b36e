/** From which address to which a flow goes when it starts. */
import type { Flow } from '../../types/experiment.ts';
import { type Prefix, parsePrefix, sameAddress } from '../address.ts';
import type { Path } from '../problem.ts';
import type { FileFlow } from '../schema/flows.ts';
import type { Context } from './context.ts';
import { type Protection, protection } from './flow-protection.ts';
import { sourceAddress, unreachable } from './routing.ts';
import type { Shelter } from './shelter.ts';

/** An address the file names must be one the node has, or gets by IPsec. */
function explicit(context: Context, shelter: Shelter | null, node: string, text: string, path: Path): Prefix {
  const prefix = parsePrefix(text)!;
  const virtual = shelter?.initiator === node && shelter.virtualIp === text;
  if (!virtual && !context.owned.some((owned) => owned.node === node && sameAddress(owned.prefix, prefix))) {
    context.report(path, { code: 'E_SPEC_ADDRESS_UNKNOWN', message: `node "${node}" does not have the address ${text}` });
  }
  return prefix;
}

/** In clear, static routes must lead there; with IPsec that was checked of the shelter. */
export function checkReach(context: Context, name: string, from: string, source: Prefix, destination: Prefix): void {
  const broken =
    source.family === destination.family ? unreachable(context, from, destination, source) : 'the addresses are of different IP versions';
  if (broken === null || !context.sound) return;
  const message = `packets from "${from}" do not reach ${destination.address}: ${broken}`;
  const hint = 'add a route under "routes"';
  context.report(['flows', name], { code: 'E_SPEC_FLOW_UNREACHABLE', message, at: 'key', got: name, hint });
}

/** A virtual IP stays; charon's route that names it goes down with the interface, and a socket without an address would leave the tunnel. */
const hasVirtualIp = ({ shelter }: Protection, node: string): boolean => shelter?.virtualIp !== undefined && shelter.initiator === node;

/** The source at start: explicit, of the route, or what the connection protects. */
function startingSource(context: Context, found: Protection, file: FileFlow, destination: Prefix, path: Path): Prefix {
  if (typeof file.source !== 'string') return found.source;
  if (file.source !== 'route') return explicit(context, found.shelter, file.from, file.source, [...path, 'source']);
  // charon's own route to what a tunnel protects names the inner address
  if (found.shelter?.mode === 'tunnel') return found.source;
  return sourceAddress(context, file.from, destination)?.prefix ?? found.source;
}

export type FlowAddresses = Pick<Flow, 'source' | 'destination' | 'protectedBy' | 'byRoute'>;

/** null after a report. */
export function flowAddresses(context: Context, shelters: readonly Shelter[], name: string, file: FileFlow): FlowAddresses | null {
  const path: Path = ['flows', name];
  const found = protection(context, shelters, file, path);
  if (found === null) return null;
  const { shelter } = found;
  const destination =
    typeof file.destination === 'string'
      ? explicit(context, shelter, file.to, file.destination, [...path, 'destination'])
      : found.destination;
  const source = startingSource(context, found, file, destination, path);
  if (shelter === null) checkReach(context, name, file.from, source, destination);
  const byRoute = file.kind === 'udp' && file.source === 'route' && !hasVirtualIp(found, file.from);
  return {
    source: source.address,
    destination: destination.address,
    ...(byRoute ? { byRoute } : {}),
    protectedBy: shelter?.name ?? null,
  };
}

/** Those of the flow that is answered, the other way round; with the same protection unless the file names one. */
export function answeringAddresses(
  context: Context,
  shelters: readonly Shelter[],
  name: string,
  file: FileFlow,
  asked: Flow | undefined,
): FlowAddresses | null {
  const path: Path = ['flows', name];
  for (const key of ['source', 'destination'] as const) {
    if (file[key] === undefined) continue;
    const hint = `they are those of "${file.answers}"`;
    context.report([...path, key], {
      code: 'E_SPEC_CONFLICT',
      message: 'an answering flow has no addresses of its own',
      at: 'key',
      got: key,
      hint,
    });
  }
  if (asked === undefined) return null;
  const found = file.protectedBy === undefined ? null : protection(context, shelters, file, path);
  if (file.protectedBy !== undefined && found === null) return null;
  const protectedBy = found === null ? asked.protectedBy : (found.shelter?.name ?? null);
  const [source, destination] = [asked.destination, asked.source];
  if (protectedBy === null) checkReach(context, name, file.from, parsePrefix(source)!, parsePrefix(destination)!);
  return { source, destination, protectedBy };
}
