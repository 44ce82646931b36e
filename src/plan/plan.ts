/**
 * The planner: one cell and one seed in, the steps of one run out. Pure; nothing is run and nothing is read.
 *
 * Order: lab, charon, captures; then loss and keys of this run, IKE, flows, events. The first part is the same for all runs of a
 * cell and draws no random number that matters, so it can be done once and stored; captures come before IKE because T_IKE is read
 * from them.
 */
import { captureFile, tcpdumpArgv } from '../capture/tcpdump.ts';
import { CHARON_CONF, nodeCharon, nodeIpsec, SWANCTL_CONF, strongswanConf, swanctlConf, VICI_SOCKET } from '../ipsec/config.ts';
import { eventCommands } from '../mobility/commands.ts';
import type { CellExperiment, IpsecConnection } from '../types/experiment.ts';
import { bitErrorSteps } from './bit-errors.ts';
import { helperKeySteps, helperSteps } from './helper.ts';
import type { Plan, PlanOptions, Step } from './step.ts';
import {
  addressSteps,
  downSteps,
  nodeSteps,
  offloadSteps,
  pairSteps,
  routeSteps,
  ruleSteps,
  seedSteps,
  settingSteps,
  wireSteps,
} from './topology.ts';
import { subflowSteps } from './transport.ts';
import { keySteps, tunnelRooms, tunnelSteps } from './wireguard.ts';

/** Last packets may still be in flight when the flows stop: wait for the largest one-way delay and some. */
export function drainTime(cell: CellExperiment): number {
  const delays = cell.links.map((l) => Math.max(l.forward?.delay ?? 0, l.backward?.delay ?? 0));
  return 0.2 + 2 * delays.reduce((sum, d) => sum + d, 0);
}

export function labPlan(cell: CellExperiment): Plan {
  const wire = wireSteps(cell);
  const groups: Plan = [
    [{ phase: 'lab', title: 'the lab: namespaces that live as long as this process', do: 'open' }],
    nodeSteps(cell),
    settingSteps(cell),
    pairSteps(cell),
    offloadSteps(cell),
    [...addressSteps(cell), ...wire.up],
    [...routeSteps(cell), ...ruleSteps(cell), ...wire.shape],
    wire.verify,
    tunnelSteps(cell),
  ];
  return groups.filter((group) => group.length > 0);
}

const step = <T extends object, P extends Step['phase']>(phase: P, title: string, action: T) => ({ phase, title, ...action });

/** charon on every node that needs one, with nothing loaded yet. */
function daemonPlan(cell: CellExperiment): Plan {
  const nodes = nodeIpsec(cell, () => '');
  return [
    nodes.map((n) => step('ipsec', `a /run of its own for ${n.node}`, { do: 'private-run' as const, node: n.node })),
    nodes.map((n) =>
      step('ipsec', `charon's settings on ${n.node}`, {
        do: 'write' as const,
        node: n.node,
        path: CHARON_CONF,
        mode: 0o600,
        content: strongswanConf({ keys: 'buffered', ...nodeCharon(cell, n.node) }),
      }),
    ),
    nodes.map((n) =>
      step('ipsec', `charon on ${n.node}`, {
        do: 'charon' as const,
        node: n.node,
        build: nodeCharon(cell, n.node).charon?.build ?? 'stock',
        argv: ['charon'],
        env: { STRONGSWAN_CONF: CHARON_CONF },
        socket: VICI_SOCKET,
      }),
    ),
  ];
}

/** Connections and secrets. */
function loadPlan(cell: CellExperiment, options: Pick<PlanOptions, 'psk'>): Plan {
  const nodes = nodeIpsec(cell, options.psk);
  return [
    nodes.map((n) =>
      step('connect', `connections and secrets of ${n.node}`, {
        do: 'write' as const,
        node: n.node,
        path: SWANCTL_CONF,
        mode: 0o600,
        content: swanctlConf(n),
      }),
    ),
    nodes.map((n) => step('connect', `load connections on ${n.node}`, { do: 'load' as const, node: n.node, file: SWANCTL_CONF })),
  ];
}

/** What is the same for every run of a cell: the lab, daemons and helpers that have nothing to do yet, and captures. */
export function preparationPlan(cell: CellExperiment): Plan {
  const captures: Step[] = cell.captures.map((end) => ({
    phase: 'capture',
    title: `capture on ${end.node}:${end.interface}`,
    do: 'capture',
    end,
    argv: tcpdumpArgv(end, captureFile(end)),
    file: captureFile(end),
  }));
  const groups = [...labPlan(cell), tunnelRooms(cell), ...daemonPlan(cell), ...helperSteps(cell), captures, downSteps(cell)];
  return groups.filter((group) => group.length > 0);
}

/** Of several tunnels to the same networks the one made last has charon's route: dormant ones come first, the first of the file last. */
const inOrder = (connections: IpsecConnection[]): IpsecConnection[] => [
  ...connections.filter((c) => c.pinned !== true),
  ...connections.filter((c) => c.pinned === true).reverse(),
];

/** What makes a run: everything that follows from its seed, and what is measured. */
export function measurementPlan(cell: CellExperiment, options: PlanOptions): Plan {
  const connect: Plan = inOrder(cell.ipsec).map((c) => [
    { phase: 'connect', title: `${c.initiator} establishes ${c.name}`, do: 'initiate', node: c.initiator, connection: c.name },
  ]);
  const flows: Plan =
    cell.flows.length === 0
      ? []
      : [[{ phase: 'traffic', title: `flows ${cell.flows.map((f) => f.name).join(', ')}`, do: 'flows', flows: cell.flows }]];
  const events: Plan = options.nullEvent
    ? []
    : cell.timeline.map((event, index) => {
        const common = { phase: 'events' as const, title: `${event.kind} at ${event.at} s`, index };
        if (event.kind === 'asconf') return []; // the end of the association does it, among its packets
        if (event.kind === 'make-before-break' || event.kind === 'mobike') return [{ ...common, do: 'control', event }];
        return [{ ...common, do: 'event', event, batches: eventCommands(cell, event) }];
      });
  // without MOBIKE charon negotiates anew when something moves, and those keys are wanted, too
  const renegotiates = (node: string) => cell.ipsec.some((c) => c.mobility === 'none' && [c.initiator, c.responder].includes(node));
  const quiet: Step[] = nodeIpsec(cell, options.psk).map((n) => ({
    phase: 'connect',
    title: renegotiates(n.node) ? `key log written line by line on ${n.node}` : `no more key log on ${n.node}`,
    do: 'quiet',
    node: n.node,
    path: CHARON_CONF,
    mode: 0o600,
    content: strongswanConf({ keys: renegotiates(n.node) ? 'by line' : 'off', ...nodeCharon(cell, n.node) }),
  }));
  const armed = options.nullEvent ? [] : [...new Set(cell.timeline.flatMap((e) => eventCommands(cell, e).map((b) => b.node)))];
  return [
    seedSteps(cell, options),
    bitErrorSteps(cell, options),
    ...loadPlan(cell, options),
    keySteps(cell),
    helperKeySteps(cell),
    ...connect,
    quiet,
    armed.map((node) => ({ phase: 'events', title: `netlink monitor and a waiting ip process on ${node}`, do: 'arm', node })),
    subflowSteps(cell),
    ...flows,
    ...events,
    [{ phase: 'finish', title: 'the flows end', do: 'wait', seconds: cell.duration, from: 'flow-start' }],
    [{ phase: 'finish', title: 'packets in flight arrive', do: 'wait', seconds: drainTime(cell), from: 'now' }],
    [{ phase: 'finish', title: 'stop captures, read counters, logs and keys, end the lab', do: 'collect' }],
  ].filter((group) => group.length > 0) as Plan;
}

/** A whole run. */
export const runPlan = (cell: CellExperiment, options: PlanOptions): Plan => [...preparationPlan(cell), ...measurementPlan(cell, options)];
