/** In clear, static routes must make paths of a multihomed flow's addresses; with IPsec that was checked of the connections. */
import type { Prefix } from '../address.ts';
import type { FileFlow } from '../schema/flows.ts';
import type { Context } from './context.ts';
import { unreachable } from './routing.ts';

/** The primary addresses reach each other, and every other one some address of the other end: networks may lie side by side. */
export function checkPaths(context: Context, name: string, { from, to }: FileFlow, sources: Prefix[], destinations: Prefix[]): void {
  if (!context.sound) return;
  const broken = (source: Prefix, destination: Prefix): string | null => {
    const there = unreachable(context, from, destination, source);
    if (there !== null) return `packets from ${source.address} do not reach ${destination.address}: ${there}`;
    const back = unreachable(context, to, source, destination);
    return back === null ? null : `packets from ${destination.address} do not reach ${source.address}: ${back}`;
  };
  const report = (message: string | null | undefined): boolean => {
    if (message === null || message === undefined) return false;
    const hint = 'add a route under "routes", with a table of its own and a rule for the address, or choose the addresses';
    context.report(['flows', name], { code: 'E_SPEC_FLOW_UNREACHABLE', message, at: 'key', got: name, hint });
    return true;
  };
  if (report(broken(sources[0]!, destinations[0]!))) return;
  for (const source of sources.slice(1)) {
    const found = destinations.map((destination) => broken(source, destination));
    if (!found.includes(null) && report(found[0])) return;
  }
  for (const destination of destinations.slice(1)) {
    const found = sources.map((source) => broken(source, destination));
    if (!found.includes(null) && report(found[0])) return;
  }
}
