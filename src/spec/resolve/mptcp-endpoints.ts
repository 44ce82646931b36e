/** MPTCP's endpoints are the node's: every connection of the node opens subflows from, and announces, all of them. */
import type { Flow } from '../../types/experiment.ts';
import type { Context } from './context.ts';

const addressesAt = ({ from, sources = [], destinations = [] }: Flow, node: string): string[] => (node === from ? sources : destinations);

/** Flows that share a node must have the same addresses there. */
export function checkMptcpEndpoints(context: Context, flows: readonly Flow[]): void {
  const all = flows.filter(({ kind }) => kind === 'mptcp');
  const first = new Map<string, Flow>();
  for (const flow of all) {
    for (const node of [flow.from, flow.to]) {
      const earlier = first.get(node);
      first.set(node, earlier ?? flow);
      if (earlier === undefined) continue;
      const [mine, theirs] = [addressesAt(flow, node), addressesAt(earlier, node)];
      if (mine.length === theirs.length && mine.every((one) => theirs.includes(one))) continue;
      const message = `another set of addresses at "${node}" than that of "${earlier.name}"`;
      const hint = "MPTCP's endpoints are the node's, not the connection's: list the same addresses under both flows";
      context.report(['flows', flow.name], { code: 'E_SPEC_CONFLICT', message, at: 'key', got: flow.name, hint });
      break;
    }
  }
}
