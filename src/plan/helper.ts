/**
 * The ESP/SNOOP helpers of a cell (types/helper.ts): one process in each node that ends a tunnel in zones, opens zone 1 for others, or
 * runs SNOOP. It is started, with its TUN interfaces, before anything is captured, and gets its keys when it is known which run it is.
 */
import type { CellExperiment, LabNode, LinkEnd, MmlTunnel } from '../types/experiment.ts';
import type { AgentPlain, HelperAgent, HelperSetup, HelperTunnel } from '../types/helper.ts';
import type { Step } from './step.ts';
import { initialWindow } from './transport.ts';

/** Inside the node's private /run. */
export const HELPER_SOCKET = '/run/helper.sock';
/** TUN interface of a foreign agent. */
export const AGENT_TUN = 'tfa0';

/** Asked after the table of local addresses, before every rule of the file's (1000) and the main table. */
const PRIORITY = 900;
const TABLE = 100;
/** IP protocol numbers: names would need /etc/protocols. */
const PROTOCOL = { ipip: 4, tcp: 6, udp: 17, esp: 50 } as const;
const ESP_IN_UDP = 4500;
/** Behind every other route. */
const LAST_METRIC = 2 ** 32 - 1;

const host = (address: string): string => `${address}/32`;
const tunnelsOf = (cell: CellExperiment): readonly MmlTunnel[] => cell.mml ?? [];
const endingAt = (cell: CellExperiment, node: string): MmlTunnel[] =>
  tunnelsOf(cell).filter(({ initiator, responder }) => node === initiator || node === responder);

/** Tunnels whose zone 1 `node` may open; ordinary ESP has nothing for it. */
const openedBy = (cell: CellExperiment, node: string): MmlTunnel[] =>
  tunnelsOf(cell).filter(({ agents, boundaries }) => boundaries.length > 0 && agents.includes(node));

/** Settings of one end of a tunnel. */
export function mmlEnd(tunnel: MmlTunnel, node: string): { local: string; remote: string; inner: string; peerInner: string } {
  const { initiator, initiatorAddress, responderAddress, initiatorInner, responderInner } = tunnel;
  if (node === initiator) return { local: initiatorAddress, remote: responderAddress, inner: initiatorInner, peerInner: responderInner };
  return { local: responderAddress, remote: initiatorAddress, inner: responderInner, peerInner: initiatorInner };
}

/** Nodes one gets to from `start` through its interface, without coming back through `start`. */
function behind(cell: CellExperiment, start: LinkEnd): Set<string> {
  const far = (end: LinkEnd): string[] =>
    cell.links
      .flatMap(({ ends: [a, b] }) => [[a, b] as const, [b, a] as const])
      .flatMap(([one, other]) => (one.node === end.node && (end.interface === '' || one.interface === end.interface) ? [other.node] : []));
  const found = new Set<string>();
  const next = far(start);
  for (let node = next.pop(); node !== undefined; node = next.pop()) {
    if (node === start.node || found.has(node)) continue;
    found.add(node);
    next.push(...far({ node, interface: '' }));
  }
  return found;
}

/** Addresses of the hosts behind an interface, in clear and inside tunnels. IPv4. */
function addressesBehind(cell: CellExperiment, end: LinkEnd): string[] {
  const names = behind(cell, end);
  const own = cell.nodes
    .filter(({ name }) => names.has(name))
    .flatMap(({ interfaces }) => interfaces.flatMap(({ addresses }) => addresses.map((cidr) => cidr.replace(/\/.*/, ''))));
  const inner = tunnelsOf(cell).flatMap((tunnel) => [
    ...(names.has(tunnel.initiator) ? [tunnel.initiatorInner] : []),
    ...(names.has(tunnel.responder) ? [tunnel.responderInner] : []),
  ]);
  return [...new Set([...own, ...inner])].filter((address) => !address.includes(':')).map(host);
}

function helperTunnel(tunnel: MmlTunnel, node: string): HelperTunnel {
  const { local, remote, inner, peerInner } = mmlEnd(tunnel, node);
  const { name, mtu, encapsulation, speed, dynamic = null } = tunnel;
  const addresses = { local, remote, localInner: host(inner), remoteInner: host(peerInner) };
  return { name, mode: 'tunnel', ...addresses, mtu, encapsulation, speed, dynamic };
}

/** Nothing for a tunnel all of whose packets are protected. */
function plainOf(tunnel: MmlTunnel): AgentPlain[] {
  const { initiatorAddress, responderAddress, initiatorInner, responderInner, dynamic } = tunnel;
  if (dynamic === undefined || (dynamic.otherwise !== 'plain' && dynamic.perFlow.every(({ mode }) => mode !== 'plain'))) return [];
  return [{ ends: [initiatorAddress, responderAddress], inner: [host(initiatorInner), host(responderInner)], dynamic }];
}

function helperAgent(cell: CellExperiment, { name, snoop }: LabNode): HelperAgent | null {
  if (snoop === undefined && openedBy(cell, name).length === 0) return null;
  const mobile = snoop === undefined ? [] : addressesBehind(cell, { node: name, interface: snoop.wireless });
  return { tun: AGENT_TUN, snoop: snoop ?? null, mobile, plain: openedBy(cell, name).flatMap(plainOf) };
}

/** What the helper of each node does, for the nodes that have one. */
export function helperSetups(cell: CellExperiment): { node: LabNode; setup: HelperSetup }[] {
  return cell.nodes.flatMap((node) => {
    const tunnels = endingAt(cell, node.name).map((tunnel) => helperTunnel(tunnel, node.name));
    const agent = helperAgent(cell, node);
    if (tunnels.length === 0 && agent === null) return [];
    return [{ node, setup: { tunnels, agent, profile: cell.measure.includes('stages') } }];
  });
}

/** TUN interfaces carry IPv4 only: nothing of the kernel's own (router solicitations, reports of groups) shall get into them. */
const quietSteps = (node: string): Step => ({
  phase: 'lab',
  title: `no IPv6 on further interfaces of ${node}`,
  do: 'settings',
  node,
  settings: [['net.ipv6.conf.default.disable_ipv6', '1']],
});

/**
 * The initiator's inner address is on the tunnel; the responder's is one it has anyway. Should the interface go, with its route, nothing shall
 * leave in clear by a default route.
 */
function tunnelLines(cell: CellExperiment, tunnel: MmlTunnel, node: string): string[] {
  const { inner, peerInner } = mmlEnd(tunnel, node);
  const own = node === tunnel.initiator ? [`address add ${host(inner)} dev ${tunnel.name}`] : [];
  return [
    ...own,
    `route add unreachable ${host(peerInner)} metric ${LAST_METRIC}`,
    `route add ${host(peerInner)} dev ${tunnel.name} src ${inner}${initialWindow(cell, node)}`,
  ];
}

/** A table no route of the file is in. */
function agentTable({ routes, rules = [] }: LabNode): number {
  const taken = new Set([...routes.map(({ table }) => table), ...rules.map(({ table }) => table)]);
  let table = TABLE;
  while (taken.has(table)) table++;
  return table;
}

/** What comes in by a link and may be the agent's business goes to its TUN interface; what comes back from there is routed as ever. */
function agentLines(cell: CellExperiment, node: LabNode): string[] {
  const tunnels = openedBy(cell, node.name);
  const wanted = [
    ...(tunnels.some(({ encapsulation }) => encapsulation === 'esp') ? [`ipproto ${PROTOCOL.esp}`] : []),
    ...(tunnels.some(({ encapsulation }) => encapsulation === 'udp') ? [`ipproto ${PROTOCOL.udp} dport ${ESP_IN_UDP}`] : []),
    ...(tunnels.some(({ dynamic }) => dynamic !== undefined) ? [`ipproto ${PROTOCOL.ipip}`] : []),
    ...(node.snoop === undefined ? [] : [`ipproto ${PROTOCOL.tcp}`]),
  ];
  const table = agentTable(node);
  const links = node.interfaces.filter(({ kind }) => kind === 'veth');
  const rules = links.flatMap(({ name }) => wanted.map((what) => `rule add iif ${name} ${what} table ${table} priority ${PRIORITY}`));
  return [`route add default dev ${AGENT_TUN} table ${table}`, ...rules];
}

/** Group by group: helpers started and opened, which makes their TUN interfaces; then addresses and routes on these. */
export function helperSteps(cell: CellExperiment): Step[][] {
  const setups = helperSetups(cell);
  return [
    setups.map(({ node }) => quietSteps(node.name)),
    setups.map(({ node, setup }) => ({
      phase: 'lab',
      title: `the ESP/SNOOP helper of ${node.name}`,
      do: 'helper',
      node: node.name,
      socket: HELPER_SOCKET,
      setup,
    })),
    setups.map(({ node, setup }) => ({
      phase: 'lab',
      title: `addresses and routes on the helper's interfaces of ${node.name}`,
      do: 'batch',
      tool: 'ip',
      node: node.name,
      lines: [
        ...endingAt(cell, node.name).flatMap((tunnel) => tunnelLines(cell, tunnel, node.name)),
        ...(setup.agent === null ? [] : agentLines(cell, node)),
      ],
    })),
  ];
}

/** Keys of the run; agents write IVs as 1, 2, 3... */
export function helperKeySteps(cell: CellExperiment): Step[] {
  const setups = helperSetups(cell);
  const writers = setups.filter(({ setup }) => setup.agent !== null).map(({ node }) => node.name);
  return setups.map(({ node: { name } }) => ({
    phase: 'connect',
    title: `keys of this run for the helper of ${name}`,
    do: 'helper-keys',
    node: name,
    tunnels: endingAt(cell, name),
    agentOf: openedBy(cell, name),
    writer: writers.indexOf(name) + 1,
  }));
}
