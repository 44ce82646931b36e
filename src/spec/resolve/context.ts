/** What the resolving steps share: the file's content, where to report, and what earlier steps found. */
import type { LabNode, LabRoute, LinkEnd } from '../../types/experiment.ts';
import type { Prefix } from '../address.ts';
import { suggest } from '../did-you-mean.ts';
import type { Cell } from '../matrix.ts';
import type { Path, Report } from '../problem.ts';
import type { ExperimentFile } from '../schema/experiment.ts';
import { securityIn } from '../schema/ipsec.ts';
import type { FileRoute } from '../schema/nodes.ts';
import type { FileEvent } from '../schema/timeline.ts';

/** An address on an interface, and where the file says so. */
export interface Owned {
  node: string;
  interface: string;
  prefix: Prefix;
  path: Path;
}

/** A link on the way: the interface it leaves by, and the one it arrives at. */
export interface Leg {
  from: LinkEnd;
  to: LinkEnd;
}

export interface Way {
  /** as far as packets get */
  legs: readonly Leg[];
  /** why they do not arrive, in words; null: they do */
  broken: string | null;
}

export interface Context {
  /** with the entries that other cells have */
  whole: ExperimentFile;
  /** what exists in this cell */
  file: ExperimentFile;
  /** the cell's events with their places in the file's list */
  events: readonly [index: number, event: FileEvent][];
  /** the cell's values of the matrix */
  values: Cell;
  report: Report;
  /** false once nodes, links or routes have problems: what cannot be reached then is only a consequence */
  sound: boolean;
  nodes: Map<string, LabNode>;
  owned: Owned[];
  /** `node:interface` -> the other end, and the link's index */
  peers: Map<string, { peer: LinkEnd; link: number }>;
  /** answers of `wayTo` */
  reach: Map<string, Way>;
}

/** Whether a variable of the matrix has this value in the cell: what follows from it is the matrix's doing, and no mistake. */
export const chosenByMatrix = (context: Context, value: string): boolean => Object.values(context.values).includes(value);

/** Why a flow or connection of the file is not there to be named; undefined: the file has none of that name. */
export function absent(context: Context, kind: 'flows' | 'ipsec', name: string): 'other cells' | 'no security' | undefined {
  if (!Object.hasOwn(context.whole[kind], name)) return undefined;
  if (!Object.hasOwn(context.file[kind], name)) return 'other cells';
  return kind === 'ipsec' && securityIn(context.file.ipsec[name]!) === 'none' ? 'no security' : undefined;
}

/** For references to an entry that only other cells have. */
export const OTHER_CELLS = 'its "only" leaves it out: give this entry the same "only"';

export const endKey = (end: LinkEnd): string => `${end.node}:${end.interface}`;

/** The node, or null after reporting the dangling reference at `path`. */
export function nodeAt(context: Context, name: string, path: Path): LabNode | null {
  const node = context.nodes.get(name);
  if (node !== undefined) return node;
  context.report(path, { code: 'E_SPEC_NO_NODE', message: `there is no node "${name}"`, hint: suggest(name, context.nodes.keys()) });
  return null;
}

/** Whether node and interface exist; reports when not. */
export function interfaceAt(context: Context, end: LinkEnd, path: Path, namePath: Path = path): LabNode['interfaces'][number] | null {
  const node = nodeAt(context, end.node, path);
  if (node === null) return null;
  const found = node.interfaces.find((one) => one.name === end.interface);
  if (found !== undefined) return found;
  const names = node.interfaces.map((one) => one.name);
  context.report(namePath, {
    code: 'E_SPEC_NO_INTERFACE',
    message: `node "${end.node}" has no interface "${end.interface}"`,
    hint: suggest(end.interface, names),
  });
  return null;
}

/** A route without the keys that are absent. */
export function labRoute(route: FileRoute): LabRoute {
  return {
    to: route.to,
    ...(route.via === undefined ? {} : { via: route.via }),
    ...(route.dev === undefined ? {} : { dev: route.dev }),
    ...(route.metric === undefined ? {} : { metric: route.metric }),
    ...(route.table === undefined ? {} : { table: route.table }),
  };
}
