/** With IPsec or WireGuard: that it protects a multihomed flow between all of its addresses, and which connection those of the primary path have. */
import { type Prefix, parsePrefix } from '../address.ts';
import type { FileFlow } from '../schema/flows.ts';
import type { Context } from './context.ts';
import type { Sheltered } from './flow-protection.ts';
import { openPair, openPairProblem, protects } from './pairs.ts';
import type { Shelter } from './shelter.ts';

type Ends = Record<'source' | 'destination', Prefix[]>;

/** With autoAsconf the client is bound to every address its node has, or gets. */
function everyAddress(context: Context, fitting: readonly Sheltered[], node: string, [first]: Prefix[]): Prefix[] {
  const own = context.owned.filter((owned) => owned.node === node).map((owned) => owned.prefix);
  const inner = fitting.flatMap(({ shelter: { initiator, virtualIp } }) =>
    initiator === node && virtualIp !== undefined ? [virtualIp] : [],
  );
  const later = context.events.flatMap(([, event]) => (event.event === 'readdress' && event.node === node ? [event.address] : []));
  return [...own, ...[...inner, ...later].map((text) => parsePrefix(text)!)].filter(({ family }) => family === first!.family);
}

/** Reports the first two addresses that `fitting`, which is not empty, leaves open. */
export function checkPairs(
  context: Context,
  { name, file, client }: { name: string; file: FileFlow; client: string },
  fitting: readonly Sheltered[],
  { source, destination }: Ends,
): void {
  const { from, to, protectedBy } = file;
  const auto = file.sctp?.autoAsconf === true;
  const all = (node: string, list: Prefix[]) => (auto && node === client ? everyAddress(context, fitting, node, list) : list);
  const pairs = { from, to, sources: all(from, source), destinations: all(to, destination) };
  const shelters = fitting.map(({ shelter }) => shelter);
  const open = openPair(shelters, pairs);
  if (open === null) return;
  const hint = `with autoAsconf the association has every address of "${client}": add connections, or remove it`;
  context.report(['flows', name], { ...openPairProblem(open, protectedBy), ...(auto ? { hint } : {}), at: 'key', got: name });
}

/** The connection between the primary addresses; undefined: in clear, or after a report. */
export const ofPrimary = (file: FileFlow, fitting: readonly Sheltered[], { source, destination }: Ends): Shelter | undefined =>
  fitting.find(({ shelter }) => protects(shelter, file, source[0]!, destination[0]!))?.shelter;
