/** Nodes and links as iproute2 batches: one process for all namespaces and links, then one per node, side by side. */
import { deriveSeed } from '../host/random.ts';
import { routeWords } from '../mobility/commands.ts';
import type { CellExperiment, LabLink, LabNode, LinkEnd, Shape } from '../types/experiment.ts';
import { isShaped, type Side, sides, WIRE } from '../types/wire.ts';
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

/** The veth pairs of a link: one, or two joined by the wire (see types/wire.ts). */
function linkLines(cell: CellExperiment, seed: number, link: LabLink, index: number): string[] {
  const [a, b] = sides(link, index);
  if (!isShaped(link)) return [`link add ${endWords(cell, seed, a.end)} type veth peer ${endWords(cell, seed, b.end)}`];
  return [a, b].map((side) => `link add ${endWords(cell, seed, side.end)} type veth peer ${endWords(cell, seed, side.peer)}`);
}

export function createSteps(cell: CellExperiment, options: PlanOptions): Step[] {
  const names = [...cell.nodes.map((n) => n.name), ...(cell.links.some(isShaped) ? [WIRE] : [])];
  return [
    {
      phase: 'lab',
      title: 'one network namespace per node, one veth pair per link, two with a wire between for a shaped one',
      do: 'batch',
      tool: 'ip',
      node: null,
      lines: [...names.map((name) => `netns add ${name}`), ...cell.links.flatMap((l, i) => linkLines(cell, options.seed, l, i))],
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

/** The veth ends of all links, the wire's included: an offloaded super-packet is one packet to netem, and 64 KiB in a capture. */
export function offloadSteps(cell: CellExperiment): Step[] {
  const ends = cell.links.flatMap((l, i) => sides(l, i)).flatMap((s) => (s.peer.node === WIRE ? [s.end, s.peer] : [s.end]));
  return ends.map((end) => ({
    phase: 'lab',
    title: `offloads off on ${end.node}:${end.interface}`,
    do: 'exec',
    node: end.node,
    argv: ['ethtool', '-K', end.interface, 'tso', 'off', 'gso', 'off', 'gro', 'off', 'tx', 'off', 'rx', 'off', 'sg', 'off'],
  }));
}

/** The wire: up, each side handed over to the other, netem on the way out; then everything read back. */
export function wireSteps(cell: CellExperiment, options: PlanOptions): { up: Step[]; shape: Step[]; verify: Step[] } {
  const shaped = cell.links.flatMap((link, index) => (isShaped(link) ? [sides(link, index)] : []));
  if (shaped.length === 0) return { up: [], shape: [], verify: [] };
  const devices = shaped.flat().map((s) => s.peer.interface);
  const seedOf = (end: LinkEnd) => (options.netemSeed ? deriveSeed(options.seed, 'netem', end.node, end.interface) : null);
  const handOver = ([a, b]: [Side, Side]) =>
    [
      [a.peer.interface, b.peer.interface],
      [b.peer.interface, a.peer.interface],
    ].flatMap(([from, to]) => [
      `qdisc add dev ${from} clsact`,
      `filter add dev ${from} ingress matchall action mirred egress redirect dev ${to}`,
    ]);
  const netem = shaped
    .flat()
    .flatMap(({ end, egress }) => (egress === null ? [] : [{ end, dev: egress.at.interface, shape: egress.shape }]));
  const common = { phase: 'lab' as const, node: WIRE };
  return {
    up: [{ ...common, title: 'the wire: interfaces up', do: 'batch', tool: 'ip', lines: devices.map((dev) => `link set dev ${dev} up`) }],
    shape: [
      {
        ...common,
        title: 'the wire: frames handed from side to side, shaped on the way out',
        do: 'batch',
        tool: 'tc',
        lines: [
          ...shaped.flatMap(handOver),
          ...netem.map(({ end, dev, shape }) => `qdisc add dev ${dev} root netem ${netemWords(shape, seedOf(end))}`),
        ],
      },
    ],
    verify: [{ ...common, title: 'read back every shape', do: 'verify-shape', expect: netem.map(({ dev, shape }) => ({ dev, shape })) }],
  };
}
