/** SNOOP on a node: its wireless interface, and whether it sees any TCP. */
import type { Flow, LabNode, MmlTunnel, SnoopSettings } from '../../types/experiment.ts';
import { parsePrefix } from '../address.ts';
import type { Path } from '../problem.ts';
import type { FileSnoop } from '../schema/snoop.ts';
import { type Context, endKey, interfaceAt } from './context.ts';
import { wayTo } from './routing.ts';
import type { Shelter } from './shelter.ts';

/** IPv4 and TCP header without options */
const HEADERS = 40;

function checkNode(context: Context, node: LabNode, { wireless, persistTimeout, minRto }: FileSnoop, path: Path): void {
  const end = { node: node.name, interface: wireless };
  const found = interfaceAt(context, end, path, [...path, 'wireless']);
  if (found !== null && !context.peers.has(endKey(end)) && context.sound) {
    const hint = 'name the end of the link that leads to the mobile hosts';
    context.report([...path, 'wireless'], { code: 'E_SPEC_SNOOP', message: `${endKey(end)} is in no link`, hint });
  }
  if (!node.forwarding) {
    const hint = 'it runs on the router before the mobile hosts: "role: router" or "forwarding: true"';
    context.report(path, { code: 'E_SPEC_SNOOP', message: `node "${node.name}" does not forward`, at: 'key', got: 'snoop', hint });
  }
  if (persistTimeout < minRto) {
    const message = `persistTimeout (${persistTimeout} s) is below minRto (${minRto} s)`;
    context.report([...path, 'persistTimeout'], { code: 'E_SPEC_RANGE', message, hint: 'the local timer could never run' });
  }
}

interface Passing {
  flow: Flow;
  /** what protects it there; null: clear */
  tunnel: string | null;
}

/** tcp flows whose packets the node forwards, as they are on the way. */
function passing(context: Context, node: string, shelters: readonly Shelter[], flows: readonly Flow[]): Passing[] {
  const forwards = (from: string, source: string, destination: string): boolean =>
    wayTo(context, from, parsePrefix(destination)!, parsePrefix(source)!)
      .legs.slice(0, -1)
      .some(({ to }) => to.node === node);
  return flows.flatMap((flow): Passing[] => {
    if (flow.kind !== 'tcp') return [];
    const shelter = shelters.find(({ name }) => name === flow.protectedBy);
    if (shelter === undefined) return forwards(flow.from, flow.source, flow.destination) ? [{ flow, tunnel: null }] : [];
    const { name, initiator, initiatorAddress, responderAddress } = shelter;
    return forwards(initiator, initiatorAddress, responderAddress) ? [{ flow, tunnel: name }] : [];
  });
}

/** Some flow must be legible, if there is any. */
function checkSight(context: Context, node: string, tunnels: readonly MmlTunnel[], flows: readonly Passing[], path: Path): void {
  const keys = tunnels.filter(({ agents }) => agents.includes(node));
  for (const { name, boundaries } of keys) {
    if (boundaries[0] === undefined || boundaries[0] >= HEADERS) continue;
    const message = `zone 1 of "${name}" ends before the TCP header does, which SNOOP on "${node}" needs`;
    context.report(['ipsec', name, 'zones', 0], { code: 'E_SPEC_ZONES', message, hint: `at least ${HEADERS}` });
  }
  const legible = ({ flow, tunnel }: Passing): boolean =>
    tunnel === null ? !flow.source.includes(':') : keys.some(({ name }) => name === tunnel);
  const [hidden] = flows;
  if (hidden === undefined || flows.some(legible)) return;
  const zoned = tunnels.some(({ name, boundaries }) => name === hidden.tunnel && boundaries.length > 0);
  const why =
    hidden.tunnel === null ? `the flow "${hidden.flow.name}" is of IPv6` : `"${hidden.tunnel}" protects the flow "${hidden.flow.name}"`;
  const message = `SNOOP on "${node}" sees no TCP header it can read: ${why}`;
  const without = 'leave SNOOP out of these cells with "only"';
  const hint = zoned ? `add "agents: [${node}]" to "${hidden.tunnel}", or ${without}` : without;
  context.report(path, { code: 'E_SPEC_SNOOP', message, at: 'key', got: 'snoop', hint });
}

/** Fills `snoop` of the nodes that have it. */
export function resolveSnoop(context: Context, tunnels: readonly MmlTunnel[], shelters: readonly Shelter[], flows: readonly Flow[]): void {
  for (const node of context.nodes.values()) {
    const file = context.file.nodes[node.name]?.snoop;
    if (file === undefined) continue;
    const path: Path = ['nodes', node.name, 'snoop'];
    const { only: _, ...settings } = file;
    node.snoop = settings satisfies SnoopSettings;
    checkNode(context, node, file, path);
    if (context.sound) checkSight(context, node.name, tunnels, passing(context, node.name, shelters, flows), path);
  }
}
