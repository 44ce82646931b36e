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
  /** interface by which its data leave */
  by: string;
}

/** tcp flows whose packets the node forwards, as they are on the way. */
function passing(context: Context, node: string, shelters: readonly Shelter[], flows: readonly Flow[]): Passing[] {
  const leaving = (from: string, source: string, destination: string): string | undefined =>
    wayTo(context, from, parsePrefix(destination)!, parsePrefix(source)!)
      .legs.slice(1)
      .find((leg) => leg.from.node === node)?.from.interface;
  const passed = (flow: Flow, tunnel: string | null, by: string | undefined): Passing[] => (by === undefined ? [] : [{ flow, tunnel, by }]);
  return flows.flatMap((flow): Passing[] => {
    if (flow.kind !== 'tcp') return [];
    const shelter = shelters.find(({ name }) => name === flow.protectedBy);
    if (shelter === undefined) return passed(flow, null, leaving(flow.from, flow.source, flow.destination));
    const { name, initiator, responder, initiatorAddress, responderAddress } = shelter;
    const forth = flow.from === initiator || flow.to === responder;
    return forth
      ? passed(flow, name, leaving(initiator, initiatorAddress, responderAddress))
      : passed(flow, name, leaving(responder, responderAddress, initiatorAddress));
  });
}

/** Some flow must be legible and bring data towards the mobile hosts, if there is any. */
function checkSight(
  context: Context,
  { node, wireless }: { node: string; wireless: string },
  tunnels: readonly MmlTunnel[],
  flows: readonly Passing[],
  path: Path,
): void {
  const keys = tunnels.filter(({ agents }) => agents.includes(node));
  for (const { name, boundaries } of keys) {
    if (boundaries[0] === undefined || boundaries[0] >= HEADERS) continue;
    const message = `zone 1 of "${name}" ends before the TCP header does, which SNOOP on "${node}" needs`;
    context.report(['ipsec', name, 'zones', 0], { code: 'E_SPEC_ZONES', message, hint: `at least ${HEADERS}` });
  }
  const legible = ({ flow, tunnel }: Passing): boolean =>
    tunnel === null ? !flow.source.includes(':') : keys.some(({ name }) => name === tunnel);
  const [hidden] = flows;
  if (hidden === undefined) return;
  const seen = flows.find(legible);
  if (seen !== undefined) {
    if (flows.some((one) => legible(one) && one.by === wireless)) return;
    const message = `no data of a tcp flow leave ${endKey({ node, interface: wireless })}, and they are what SNOOP caches`;
    const hint = `"${seen.flow.name}" leaves by "${seen.by}": name the interface towards its receiver, or leave SNOOP out with "only"`;
    context.report([...path, 'wireless'], { code: 'E_SPEC_SNOOP', message, hint });
    return;
  }
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
    if (context.sound)
      checkSight(context, { node: node.name, wireless: file.wireless }, tunnels, passing(context, node.name, shelters, flows), path);
  }
}
