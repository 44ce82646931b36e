/** asconf events: which end announces the address, and whether the association has it at that time. */
import type { Flow, TimedEvent } from '../../types/experiment.ts';
import { type Prefix, parsePrefix, sameAddress } from '../address.ts';
import { suggest } from '../did-you-mean.ts';
import type { Path } from '../problem.ts';
import { asconfFlow, type FileAsconf } from './asconf-flow.ts';
import { absent, type Context, endKey, OTHER_CELLS, type Owned } from './context.ts';
import { article } from './flow-checks.ts';
import { hasInner } from './multihomed.ts';
import { openPair, openPairProblem } from './pairs.ts';
import type { Shelter } from './shelter.ts';

type End = 'from' | 'to';

export interface Association {
  flow: Flow;
  addresses: Record<End, Prefix[]>;
}

/** What is known of associations while the timeline goes on. */
export interface AssociationState {
  associations: Map<string, Association>;
  /** interfaces that are down, as `node:interface` */
  down: Set<string>;
  shelters: readonly Shelter[];
}

export function associations(context: Context, shelters: readonly Shelter[], flows: readonly Flow[]): AssociationState {
  const parse = (list: string[] | undefined) => (list ?? []).map((text) => parsePrefix(text)!);
  const sctp = flows.filter((flow) => flow.kind === 'sctp');
  const down = [...context.nodes.values()].flatMap((node) =>
    node.interfaces.filter((one) => !one.up).map((one) => endKey({ node: node.name, interface: one.name })),
  );
  return {
    associations: new Map(
      sctp.map((flow) => [flow.name, { flow, addresses: { from: parse(flow.sources), to: parse(flow.destinations) } }]),
    ),
    down: new Set(down),
    shelters,
  };
}

const SCTP_ONLY = 'asconf is for flows of "kind: sctp"';

function reportFlow(context: Context, file: FileAsconf, path: Path): null {
  const { flows } = context.file;
  const sctp = Object.keys(flows).filter((name) => flows[name]!.kind === 'sctp');
  const refuse = (key: string, message: string, hint: string | undefined): null => {
    context.report(key === '' ? path : [...path, key], { code: 'E_SPEC_EVENT_FLOW', message, hint });
    return null;
  };
  if (file.flow === undefined) {
    const hint = sctp.length === 0 ? SCTP_ONLY : `add "flow", one of: ${sctp.join(', ')}`;
    return refuse('', `which flow? there are ${sctp.length} sctp flows`, hint);
  }
  if (absent(context, 'flows', file.flow) === 'other cells')
    return refuse('flow', `the flow "${file.flow}" is not in this cell`, OTHER_CELLS);
  if (!Object.hasOwn(flows, file.flow)) return refuse('flow', `there is no flow "${file.flow}"`, suggest(file.flow, sctp) ?? SCTP_ONLY);
  return refuse('flow', `"${file.flow}" is ${article(flows[file.flow]!.kind)} flow`, SCTP_ONLY);
}

/** `addresses`: those interfaces have when the event comes. null after a report. */
export function asconf(
  context: Context,
  file: FileAsconf,
  path: Path,
  state: AssociationState & { addresses: readonly Owned[] },
): TimedEvent | null {
  const name = asconfFlow(context, file);
  if (name === undefined) return reportFlow(context, file, path);
  const association = state.associations.get(name);
  if (association === undefined) return null; // the flow's own problem
  const { flow, addresses } = association;
  const address = parsePrefix(file.address)!;
  const refuse = (code: string, key: string, message: string, hint?: string): null => {
    context.report([...path, key], { code, message, ...(hint === undefined ? {} : { hint }) });
    return null;
  };
  if (flow.sctp?.asconf === false)
    return refuse('E_SPEC_CONFLICT', 'event', `the flow "${name}" has "asconf: false"`, 'remove one of them');

  const has = (list: readonly Prefix[]) => list.some((one) => sameAddress(one, address));
  const owned = state.addresses.find((one) => sameAddress(one.prefix, address) && (one.node === flow.from || one.node === flow.to));
  const ends: readonly End[] = ['from', 'to'];
  const end =
    ends.find((one) => has(addresses[one])) ??
    ends.find((one) => owned?.node === flow[one] || hasInner(state.shelters, flow[one], address));
  if (end === undefined) {
    return refuse(
      'E_SPEC_ADDRESS_UNKNOWN',
      'address',
      `neither "${flow.from}" nor "${flow.to}" has the address ${file.address} at that time`,
    );
  }
  const list = addresses[end];
  const { action } = file;
  if (action === 'add' && owned !== undefined && state.down.has(endKey(owned))) {
    return refuse('E_SPEC_EVENT_ADDRESS', 'address', `${endKey(owned)} is down at that time`, 'let an interface-up event come before');
  }
  if (action === 'add' && address.family !== list[0]?.family) {
    return refuse('E_SPEC_FLOW_FAMILY', 'address', `the association is one of IPv${list[0]?.family} addresses`);
  }
  // with autoAsconf the kernel may have been there before
  const known = flow.sctp?.autoAsconf !== true;
  if (known && action === 'add' && has(list)) {
    return refuse(
      'E_SPEC_EVENT_ADDRESS',
      'address',
      `the association has ${file.address} already at that time`,
      `name fewer with "${sideOf(end)}" of the flow`,
    );
  }
  if (known && action !== 'add' && !has(list)) {
    return refuse('E_SPEC_EVENT_ADDRESS', 'address', `the association does not have ${file.address} at that time`, 'add it before');
  }
  if (known && action === 'delete' && list.length === 1) {
    return refuse(
      'E_SPEC_EVENT_ADDRESS',
      'address',
      `${file.address} is the last address of "${flow[end]}"`,
      'RFC 5061, section 5.3: it cannot be deleted',
    );
  }
  const open = action === 'add' ? openWith(context, state.shelters, association, end, address) : null;
  if (open !== null) {
    const { code, message } = open;
    return refuse(code, 'address', message, 'add a connection (or networks of a tunnel) that covers them');
  }
  if (action === 'add' && !has(list)) list.push(address);
  if (action === 'delete') addresses[end] = list.filter((one) => !sameAddress(one, address));
  return { at: file.at, kind: 'asconf', node: flow[end], flow: name, action, address: address.address };
}

/** An association that is protected stays so with the new address. */
function openWith(context: Context, shelters: readonly Shelter[], { flow, addresses }: Association, end: End, address: Prefix) {
  if (flow.protectedBy === null) return null;
  const { protectedBy } = context.file.flows[flow.name]!;
  const fitting = shelters.filter(({ name }) => protectedBy === undefined || name === protectedBy);
  const { from, to } = flow;
  const near = [address];
  const open = openPair(
    fitting,
    end === 'from' ? { from, to, sources: near, destinations: addresses.to } : { from, to, sources: addresses.from, destinations: near },
  );
  return open && openPairProblem(open, protectedBy);
}

const sideOf = (end: End): string => (end === 'from' ? 'source' : 'destination');
