/** Nodes and links: one iproute2 process for all namespaces, one for all links; what is left to do inside each node needs none. */
import { deriveSeed } from '../host/random.ts';
import type { LinkRequest } from '../host/rtnetlink.ts';
import type { Setting } from '../host/sysctl.ts';
import { routeWords } from '../mobility/commands.ts';
import type { CellExperiment, LabLink, LabNode, LabRule, LinkEnd, Shape } from '../types/experiment.ts';
import { isShaped, type Side, sides, WIRE } from '../types/wire.ts';
import { burst, netemWords, shapeLines } from './shaping.ts';
import type { ExpectedShape, PlanOptions, Step } from './step.ts';
import { connectedRoutes, initialWindow, transportSettings } from './transport.ts';

/** A locally administered unicast MAC that follows from the name alone: the same in every run, and so are interface identifiers. */
export function macOf(end: LinkEnd): string {
  const high = deriveSeed(0, 'mac', end.node, end.interface);
  const low = deriveSeed(0, 'mac2', end.node, end.interface);
  const octets = [0x02, (high >>> 24) & 255, (high >>> 16) & 255, (high >>> 8) & 255, high & 255, low & 255];
  return octets.map((o) => o.toString(16).padStart(2, '0')).join(':');
}

/**
 * Indices no two veth ends of the lab share: to the kernel an end whose peer has the same index is not a tunnel's or pair's end,
 * and it may take a second to notice such an end's carrier (linkwatch_urgent_event in net/core/link_watch.c).
 */
const FIRST_INDEX = 16;

/** octets; the MTU of an interface of which nothing is known */
const ETHERNET = 1500;
const mtuOf = (cell: CellExperiment, end: LinkEnd): number | undefined =>
  cell.nodes.find((n) => n.name === end.node)?.interfaces.find((i) => i.name === end.interface)?.mtu;

function endWords(cell: CellExperiment, end: LinkEnd, index: number): string {
  const mtu = mtuOf(cell, end);
  return `name ${end.interface} index ${FIRST_INDEX + index} netns ${end.node} address ${macOf(end)}${mtu === undefined ? '' : ` mtu ${mtu}`}`;
}

/** The veth pairs of a link: one, or two joined by the wire (see types/wire.ts). */
function linkLines(cell: CellExperiment, link: LabLink, index: number): string[] {
  const [a, b] = sides(link, index);
  const pair = (one: LinkEnd, other: LinkEnd, at: number) =>
    `link add ${endWords(cell, one, 4 * index + at)} type veth peer ${endWords(cell, other, 4 * index + at + 1)}`;
  if (!isShaped(link)) return [pair(a.end, b.end, 0)];
  return [a, b].map((side, i) => pair(side.end, side.peer, 2 * i));
}

export function nodeSteps(cell: CellExperiment): Step[] {
  const names = [...cell.nodes.map((n) => n.name), ...(cell.links.some(isShaped) ? [WIRE] : [])];
  const lines = names.map((name) => `netns add ${name}`);
  return [{ phase: 'lab', title: 'one network namespace per node', do: 'batch', tool: 'ip', node: null, lines }];
}

export function pairSteps(cell: CellExperiment): Step[] {
  const lines = cell.links.flatMap((l, i) => linkLines(cell, l, i));
  const title = 'one veth pair per link, two with a wire between for a shaped one';
  return lines.length === 0 ? [] : [{ phase: 'lab', title, do: 'batch', tool: 'ip', node: null, lines }];
}

function linkRequests(node: LabNode): LinkRequest[] {
  return [
    { set: 'up', dev: 'lo' },
    ...node.interfaces.flatMap(({ name: dev, kind, addresses, up }): LinkRequest[] => [
      ...(kind === 'dummy' ? [{ set: 'dummy' as const, dev, mac: macOf({ node: node.name, interface: dev }) }] : []),
      ...addresses.map((address) => ({ set: 'address' as const, dev, address })),
      // a capture needs its interface up once; one that starts down goes down after the captures have begun
      ...(up || kind === 'veth' ? [{ set: 'up' as const, dev }] : []),
    ]),
  ];
}

/**
 * Forwarding, no reverse-path filter, no DAD, no router solicitations. Before there is any interface: `default` is what an
 * interface gets when it is made, and DAD runs where `all` or the interface's own setting asks for it.
 */
function settings(node: LabNode): Setting[] {
  return [
    ['net.ipv6.conf.all.accept_dad', '0'],
    ['net.ipv6.conf.default.accept_dad', '0'],
    ['net.ipv6.conf.default.router_solicitations', '0'],
    ['net.ipv4.conf.all.rp_filter', '0'],
    ['net.ipv4.conf.default.rp_filter', '0'],
    ...(node.forwarding ? [['net.ipv4.ip_forward', '1'] as const, ['net.ipv6.conf.all.forwarding', '1'] as const] : []),
  ];
}

export function settingSteps(cell: CellExperiment): Step[] {
  return cell.nodes.map((n) => ({
    phase: 'lab',
    title: `kernel settings of ${n.name}`,
    do: 'settings',
    node: n.name,
    settings: [...settings(n), ...transportSettings(cell, n.name)],
  }));
}

export function addressSteps(cell: CellExperiment): Step[] {
  return cell.nodes.map((n) => ({
    phase: 'lab',
    title: `interfaces and addresses of ${n.name}`,
    do: 'links',
    node: n.name,
    requests: linkRequests(n),
  }));
}

/** Interfaces that the experiment starts without. */
export function downSteps(cell: CellExperiment): Step[] {
  return cell.nodes.flatMap((n) => {
    const down = n.interfaces.filter((i) => i.kind === 'veth' && !i.up);
    if (down.length === 0) return [];
    const lines = down.map((i) => `link set dev ${i.name} down`);
    return [{ phase: 'capture', title: `interfaces of ${n.name} that start down`, do: 'batch', tool: 'ip', node: n.name, lines }];
  });
}

/** `priority`: before the main table's rule (32766), after charon's own table (220). */
const ruleLine = ({ from, table }: LabRule): string => `rule add from ${from} table ${table} priority 1000`;

/** Routes come once every interface has its carrier: a route through a link whose peer is down is refused. */
export function routeSteps(cell: CellExperiment): Step[] {
  const linesOf = (n: LabNode) => [
    ...n.routes.map((r) => `route add ${routeWords(r)}${initialWindow(cell, n.name)}`),
    ...connectedRoutes(cell, n),
  ];
  return cell.nodes.flatMap((n) => {
    const lines = linesOf(n);
    return lines.length === 0 ? [] : [{ phase: 'lab', title: `routes of ${n.name}`, do: 'batch', tool: 'ip', node: n.name, lines }];
  });
}

/** One step per family: `ip rule` does not tell it from the address. */
export function ruleSteps(cell: CellExperiment): Step[] {
  return cell.nodes.flatMap((n) =>
    [...Map.groupBy(n.rules ?? [], ({ from }) => (from.includes(':') ? 6 : 4))].map(([family, rules]) => ({
      ...{ phase: 'lab' as const, title: `IPv${family} rules of ${n.name}`, do: 'batch' as const, tool: 'ip' as const, node: n.name },
      lines: rules.map(ruleLine),
      ...(family === 6 ? { family: 6 as const } : {}),
    })),
  );
}

/** The veth ends of all links, the wire's included: an offloaded super-packet is one packet to netem, and 64 KiB in a capture. */
export function offloadSteps(cell: CellExperiment): Step[] {
  const ends = cell.links.flatMap((l, i) => sides(l, i)).flatMap((s) => (s.peer.node === WIRE ? [s.end, s.peer] : [s.end]));
  return [...Map.groupBy(ends, (end) => end.node)].map(([node, mine]) => ({
    phase: 'lab',
    title: `offloads off on ${node}`,
    do: 'offloads',
    node,
    devices: mine.map((end) => end.interface),
  }));
}

const shapedSides = (cell: CellExperiment): [Side, Side][] =>
  cell.links.flatMap((link, index) => (isShaped(link) ? [sides(link, index)] : []));

/** Every netem: whose frames it shapes, where it is, and how. */
const netems = (cell: CellExperiment): { end: LinkEnd; dev: string; shape: Shape }[] =>
  shapedSides(cell)
    .flat()
    .flatMap(({ end, egress }) => (egress === null ? [] : [{ end, dev: egress.at.interface, shape: egress.shape }]));

/** Gives the shapes that draw random numbers the run's own, when everything else is up: only this differs between runs. */
export function seedSteps(cell: CellExperiment, options: Pick<PlanOptions, 'seed' | 'netemSeed'>): Step[] {
  const random = options.netemSeed ? netems(cell).filter(({ shape }) => shape.loss > 0 || shape.jitter > 0) : [];
  if (random.length === 0) return [];
  const seedOf = (end: LinkEnd) => deriveSeed(options.seed, 'netem', end.node, end.interface);
  const lines = random.map(({ end, dev, shape }) => `qdisc change dev ${dev} root netem ${netemWords(shape)} seed ${seedOf(end)}`);
  return [{ phase: 'lab', title: 'loss and jitter of this run', do: 'batch', tool: 'tc', node: WIRE, lines }];
}

/** The wire: up, each side handed over to the other, netem on the way out; then everything read back. */
export function wireSteps(cell: CellExperiment): { up: Step[]; shape: Step[]; verify: Step[] } {
  const shaped = shapedSides(cell);
  if (shaped.length === 0) return { up: [], shape: [], verify: [] };
  const devices = shaped.flat().map((s) => s.peer.interface);
  const handOver = ([a, b]: [Side, Side]) =>
    [
      [a.peer.interface, b.peer.interface],
      [b.peer.interface, a.peer.interface],
    ].flatMap(([from, to]) => [
      `qdisc add dev ${from} clsact`,
      `filter add dev ${from} ingress matchall action mirred egress redirect dev ${to}`,
    ]);
  const netem = netems(cell);
  const expected = ({ end, dev, shape }: (typeof netem)[number]): ExpectedShape =>
    shape.priority === true ? { dev, shape, burst: burst(mtuOf(cell, end) ?? ETHERNET) } : { dev, shape };
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
          ...netem.flatMap(({ end, dev, shape }) => shapeLines(dev, shape, mtuOf(cell, end) ?? ETHERNET)),
        ],
      },
    ],
    verify: [{ ...common, title: 'read back every shape', do: 'verify-shape', expect: netem.map(expected) }],
  };
}
