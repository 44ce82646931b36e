/** Nodes and links as iproute2 batches: one process for all namespaces and links, then one per node, side by side. */
import { deriveSeed } from '../host/random.ts';
import { routeWords } from '../mobility/commands.ts';
import type { CellExperiment, LabLink, LabNode, LinkEnd, Shape } from '../types/experiment.ts';
import type { PlanOptions, Step } from './step.ts';

/** A locally administered unicast MAC that follows from seed and name. */
export function macOf(seed: number, end: LinkEnd): string {
  const high = deriveSeed(seed, 'mac', end.node, end.interface);
  const low = deriveSeed(seed, 'mac2', end.node, end.interface);
  const octets = [0x02, (high >>> 24) & 255, (high >>> 16) & 255, (high >>> 8) & 255, high & 255, low & 255];
  return octets.map((o) => o.toString(16).padStart(2, '0')).join(':');
}

function endWords(cell: CellExperiment, seed: number, end: LinkEnd): string {
  const mtu = cell.nodes.find((n) => n.name === end.node)?.interfaces.find((i) => i.name === end.interface)?.mtu;
  return `name ${end.interface} netns ${end.node} address ${macOf(seed, end)}${mtu === undefined ? '' : ` mtu ${mtu}`}`;
}

export function createSteps(cell: CellExperiment, options: PlanOptions): Step[] {
  return [
    {
      phase: 'lab',
      title: 'one network namespace per node, one veth pair per link',
      do: 'batch',
      tool: 'ip',
      node: null,
      lines: [
        ...cell.nodes.map((n) => `netns add ${n.name}`),
        ...cell.links.map(
          (l) => `link add ${endWords(cell, options.seed, l.ends[0])} type veth peer ${endWords(cell, options.seed, l.ends[1])}`,
        ),
      ],
    },
  ];
}

function nodeLines(node: LabNode, seed: number): string[] {
  const lines = ['link set dev lo up'];
  for (const i of node.interfaces) {
    if (i.kind === 'dummy') {
      lines.push(`link add name ${i.name} address ${macOf(seed, { node: node.name, interface: i.name })} type dummy`);
    }
    for (const address of i.addresses) lines.push(`addr add ${address} dev ${i.name}${address.includes(':') ? ' nodad' : ''}`);
    if (i.up) lines.push(`link set dev ${i.name} up`);
  }
  return lines;
}

/** Sysctls before any interface is up: forwarding, no reverse-path filter, no DAD, no router solicitations. */
function sysctls(node: LabNode): string[] {
  return [
    'net.ipv6.conf.all.accept_dad=0',
    'net.ipv6.conf.default.accept_dad=0',
    'net.ipv6.conf.default.router_solicitations=0',
    'net.ipv4.conf.all.rp_filter=0',
    'net.ipv4.conf.default.rp_filter=0',
    ...(node.forwarding ? ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'] : []),
  ];
}

export function sysctlSteps(cell: CellExperiment): Step[] {
  return cell.nodes.map((n) => ({
    phase: 'lab',
    title: `kernel settings of ${n.name}`,
    do: 'exec',
    node: n.name,
    argv: ['sysctl', '-q', '-w', ...sysctls(n)],
  }));
}

export function addressSteps(cell: CellExperiment, options: PlanOptions): Step[] {
  return cell.nodes.map((n) => ({
    phase: 'lab',
    title: `interfaces and addresses of ${n.name}`,
    do: 'batch',
    tool: 'ip',
    node: n.name,
    lines: nodeLines(n, options.seed),
  }));
}

/** Routes come once every interface has its carrier: a route through a link whose peer is down is refused. */
export function routeSteps(cell: CellExperiment): Step[] {
  return cell.nodes
    .filter((n) => n.routes.length > 0)
    .map((n) => ({
      phase: 'lab',
      title: `routes of ${n.name}`,
      do: 'batch',
      tool: 'ip',
      node: n.name,
      lines: n.routes.map((r) => `route add ${routeWords(r)}`),
    }));
}

const microseconds = (seconds: number): string => `${Math.round(seconds * 1e6)}us`;

/** netem's arguments for one direction. */
export function netemWords(shape: Shape, seed: number | null): string {
  const words = [`limit ${shape.limit}`];
  if (shape.delay > 0 || shape.jitter > 0)
    words.push(`delay ${microseconds(shape.delay)}${shape.jitter > 0 ? ` ${microseconds(shape.jitter)}` : ''}`);
  if (shape.loss > 0) words.push(`loss ${Number((shape.loss * 100).toFixed(6))}%`);
  if (shape.rate > 0) words.push(`rate ${Math.round(shape.rate)}bit`);
  if (seed !== null && (shape.loss > 0 || shape.jitter > 0)) words.push(`seed ${seed}`);
  return words.join(' ');
}

function shapedEnds(link: LabLink): { end: LinkEnd; shape: Shape }[] {
  return [
    { end: link.ends[0], shape: link.forward },
    { end: link.ends[1], shape: link.backward },
  ].filter((e): e is { end: LinkEnd; shape: Shape } => e.shape !== null);
}

/** Offloads off on every veth: netem counts an offloaded super-packet as one, and captures would show 64 KiB frames. */
export function offloadSteps(cell: CellExperiment): Step[] {
  return cell.links
    .flatMap((l) => l.ends)
    .map((end) => ({
      phase: 'lab',
      title: `offloads off on ${end.node}:${end.interface}`,
      do: 'exec',
      node: end.node,
      argv: ['ethtool', '-K', end.interface, 'tso', 'off', 'gso', 'off', 'gro', 'off', 'tx', 'off', 'rx', 'off', 'sg', 'off'],
    }));
}

export function shapeSteps(cell: CellExperiment, options: PlanOptions): { set: Step[]; verify: Step[] } {
  const ends = cell.links.flatMap(shapedEnds);
  const nodes = [...new Set(ends.map((e) => e.end.node))];
  const seedOf = (end: LinkEnd) => (options.netemSeed ? deriveSeed(options.seed, 'netem', end.node, end.interface) : null);
  return {
    set: nodes.map((node) => ({
      phase: 'lab',
      title: `link shapes of ${node}`,
      do: 'batch',
      tool: 'tc',
      node,
      lines: ends
        .filter((e) => e.end.node === node)
        .map((e) => `qdisc add dev ${e.end.interface} root netem ${netemWords(e.shape, seedOf(e.end))}`),
    })),
    verify: ends.map(({ end, shape }) => ({
      phase: 'lab',
      title: `read back the shape of ${end.node}:${end.interface}`,
      do: 'verify-shape',
      node: end.node,
      interface: end.interface,
      words: [
        'netem',
        `limit ${shape.limit}`,
        ...(shape.delay > 0 ? ['delay'] : []),
        ...(shape.loss > 0 ? ['loss'] : []),
        ...(shape.rate > 0 ? ['rate'] : []),
      ],
    })),
  };
}
