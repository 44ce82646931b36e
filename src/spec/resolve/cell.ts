/** One cell: the validated file with its references filled in becomes a runtime experiment, or problems are reported. */
import { type CellExperiment, DEFAULT_METRICS, type Flow, type LinkEnd } from '../../types/experiment.ts';
import { MAX_ENTRIES } from '../limits.ts';
import type { Cell } from '../matrix.ts';
import type { Selection } from '../only.ts';
import type { Report } from '../problem.ts';
import type { ExperimentFile } from '../schema/experiment.ts';
import { securityIn } from '../schema/ipsec.ts';
import { checkAgentInterfaces } from './agent-interface.ts';
import { checkRules, resolveCharon } from './charon.ts';
import { resolveConnections } from './connections.ts';
import { type Context, chosenByMatrix, endKey, interfaceAt } from './context.ts';
import { resolvePerFlow } from './dynamic.ts';
import { resolveFlows } from './flows.ts';
import { resolveLinks } from './links.ts';
import { checkAddresses, resolveNodes } from './nodes.ts';
import { checkRoutes } from './routes.ts';
import { resolveSnoop } from './snoop.ts';
import { resolveTimeline } from './timeline.ts';
import type { InterfaceTunnel } from './tunnel-interface.ts';

const same = (a: LinkEnd, b: LinkEnd): boolean => endKey(a) === endKey(b);

const endsOf = (tunnels: readonly InterfaceTunnel[]): LinkEnd[] =>
  tunnels.flatMap(({ name, initiator, responder }) => [initiator, responder].map((node) => ({ node, interface: name })));

/** Whether packets of the flow go through the tunnel. */
const carries = ({ name, initiatorInner, responderInner }: InterfaceTunnel, flow: Flow): boolean =>
  flow.protectedBy === name ||
  (flow.protectedBy !== null &&
    [...(flow.sources ?? []), ...(flow.destinations ?? [])].some((one) => one === initiatorInner || one === responderInner));

/**
 * Every end of a link, and of a tunnel with an interface. When the file names some: those, and the ends of tunnels with flows, whose packets can
 * be read nowhere else.
 */
function captures(context: Context, tunnels: readonly InterfaceTunnel[], flows: readonly Flow[]): LinkEnd[] {
  const inner = endsOf(tunnels);
  if (context.file.capture === undefined) {
    const all = [...context.nodes.values()].flatMap((node) => node.interfaces.map((one) => ({ node: node.name, interface: one.name })));
    return [...all.filter((end) => context.peers.has(endKey(end))), ...inner];
  }
  const seen = new Set<string>();
  const named = context.file.capture.filter((end, index) => {
    if (seen.has(endKey(end))) context.report(['capture', index], { code: 'E_SPEC_CONFLICT', message: `${endKey(end)} is listed twice` });
    seen.add(endKey(end));
    if (inner.some((one) => same(one, end))) return true;
    return !elsewhere(context, end) && interfaceAt(context, end, ['capture', index]) !== null;
  });
  const needed = endsOf(tunnels.filter((tunnel) => flows.some((flow) => carries(tunnel, flow))));
  return [...named, ...needed.filter((end) => !named.some((one) => same(one, end)))];
}

/** Whether it is the end of a tunnel that the matrix left out of this cell. */
function elsewhere(context: Context, end: LinkEnd): boolean {
  const connection = Object.hasOwn(context.whole.ipsec, end.interface) ? context.whole.ipsec[end.interface]! : null;
  if (connection === null || ![connection.initiator, connection.responder].includes(end.node)) return false;
  const security = securityIn(connection);
  return !Object.hasOwn(context.file.ipsec, end.interface) || (security !== undefined && chosenByMatrix(context, security));
}

/** Keeps the pairwise checks short. */
function tooMany(file: ExperimentFile, report: Report): boolean {
  const over = (Object.keys(MAX_ENTRIES) as (keyof typeof MAX_ENTRIES)[]).filter((key) => Object.keys(file[key]).length > MAX_ENTRIES[key]);
  for (const key of over) {
    report([key], {
      code: 'E_SPEC_TOO_BIG',
      message: `more than ${MAX_ENTRIES[key]} entries`,
      at: 'key',
      got: key,
      hint: 'split the experiment',
    });
  }
  return over.length > 0;
}

/** `whole` has the entries of other cells too. The result means nothing when something was reported; null when that was the size. */
export function resolveCell(
  whole: ExperimentFile,
  { file, events }: Selection,
  cell: string,
  values: Cell,
  report: Report,
): CellExperiment | null {
  if (tooMany(whole, report)) return null;
  let failed = false;
  const fail: Report = (path, problem) => {
    failed = true;
    report(path, problem);
  };
  const empty = { sound: true, nodes: new Map(), owned: [], peers: new Map(), reach: new Map() };
  const context: Context = { whole, file, events, values, report: fail, ...empty };
  resolveNodes(context);
  const links = resolveLinks(context);
  checkAddresses(context);
  checkRoutes(context);
  checkRules(context);
  context.sound = !failed;
  const { ipsec, wireguard, mml, shelters } = resolveConnections(context);
  resolveCharon(context, ipsec);
  const flows = resolveFlows(context, shelters);
  resolvePerFlow(context, mml, flows);
  resolveSnoop(context, mml, shelters, flows);
  checkAgentInterfaces(context, mml);
  const timeline = resolveTimeline(context, ipsec, shelters, flows);
  return {
    name: file.name,
    cell,
    values,
    nodes: [...context.nodes.values()],
    links,
    ipsec,
    ...(wireguard.length === 0 ? {} : { wireguard }),
    ...(mml.length === 0 ? {} : { mml }),
    flows,
    timeline,
    duration: file.duration,
    measure: [...new Set(file.measure ?? DEFAULT_METRICS)],
    captures: captures(context, [...wireguard, ...mml], flows),
    ...(file.paper === undefined ? {} : { paper: file.paper }),
  };
}
