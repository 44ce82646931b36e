/** Events that command charon rather than the kernel: soft handover, and single MOBIKE-X commands. */
import type { IpsecConnection, TimedEvent } from '../../types/experiment.ts';
import { parsePrefix, sameAddress } from '../address.ts';
import type { Path } from '../problem.ts';
import { securityIn } from '../schema/ipsec.ts';
import type { FileEvent } from '../schema/timeline.ts';
import { SECURITIES } from '../security.ts';
import { absent, type Context, chosenByMatrix, endKey, interfaceAt, nodeAt, OTHER_CELLS, type Owned } from './context.ts';
import { PathWalk } from './mobike-paths.ts';

type Of<Kind extends FileEvent['event']> = Extract<FileEvent, { event: Kind }>;

/** The connection an event is about: the one named, or the only one `node` initiates. null after a report. */
function connectionOf(
  context: Context,
  file: { node: string; connection?: string | undefined },
  connections: readonly IpsecConnection[],
  path: Path,
): IpsecConnection | null {
  const mine = connections.filter((c) => c.initiator === file.node);
  const found = file.connection === undefined ? (mine.length === 1 ? mine[0] : undefined) : mine.find((c) => c.name === file.connection);
  if (found !== undefined) return found;
  if (!context.sound || withoutIke(context, file)) return null;
  if (file.connection !== undefined && absent(context, 'ipsec', file.connection) === 'other cells') {
    const message = `the IPsec connection "${file.connection}" is not in this cell`;
    context.report([...path, 'connection'], { code: 'E_SPEC_EVENT_CONNECTION', message, hint: OTHER_CELLS });
    return null;
  }
  const other = Object.values(context.file.ipsec).find(
    (c) => c.initiator === file.node && (c.kind === 'mml' || c.security === 'wireguard'),
  );
  const none = other
    ? `a ${other.kind === 'mml' ? '"kind: mml"' : 'WireGuard'} tunnel has no charon to command`
    : 'only the initiator of a connection commands its paths';
  const hint = mine.length === 0 ? none : `there are: ${mine.map((c) => c.name).join(', ')}`;
  const message =
    file.connection === undefined
      ? `which connection? node "${file.node}" initiates ${mine.length}`
      : `node "${file.node}" initiates no connection "${file.connection}"`;
  context.report(file.connection === undefined ? path : [...path, 'connection'], { code: 'E_SPEC_EVENT_CONNECTION', message, hint });
  return null;
}

/** Whether the matrix chose a protection without IKE for what the event is about: it does not happen in this cell. */
function withoutIke(context: Context, { node, connection }: { node: string; connection?: string | undefined }): boolean {
  return Object.entries(context.file.ipsec).some(([name, file]) => {
    if (file.initiator !== node || (connection !== undefined && connection !== name)) return false;
    const security = securityIn(file);
    return security !== undefined && SECURITIES[security].kind !== 'ipsec' && chosenByMatrix(context, security);
  });
}

/** What the events before have made of the lab. */
export interface Before {
  addresses: readonly Owned[];
  walks: Map<string, PathWalk>;
}

/**
 * Whether both ends of the connection know paths. If not, and the matrix chose that, the event does not happen in this cell; else it is
 * reported.
 */
function able(context: Context, { name, mobility, initiator, responder }: IpsecConnection, path: Path): boolean {
  const stock = [initiator, responder].find((node) => context.nodes.get(node)?.charon?.build !== 'patched');
  if (mobility === 'mobikex' && stock === undefined) return true;
  if (!context.sound || chosenByMatrix(context, mobility === 'mobikex' ? 'stock' : mobility)) return false;
  const message =
    mobility === 'mobikex'
      ? `the charon of "${stock}" is stock and knows no paths`
      : `"${name}" has mobility ${mobility}, which knows one path`;
  context.report([...path, 'event'], { code: 'E_SPEC_CONFLICT', message, hint: 'it needs mobility: mobikex, and no build: stock' });
  return false;
}

function walkOf(context: Context, connection: IpsecConnection, { walks }: Before): PathWalk {
  const limits = [connection.initiator, connection.responder].map((node) => context.nodes.get(node)?.charon?.maxPaths ?? 4);
  const walk = walks.get(connection.name) ?? new PathWalk(connection, Math.min(...limits));
  walks.set(connection.name, walk);
  return walk;
}

/** null: reported, or a cell in which the event does not happen. */
export function softHandover(
  context: Context,
  file: Of<'make-before-break'>,
  path: Path,
  connections: readonly IpsecConnection[],
  before: Before,
): TimedEvent | null {
  const found = interfaceAt(context, file, [...path, 'node'], [...path, 'interface']);
  const connection = found === null ? null : connectionOf(context, file, connections, path);
  if (connection === null) return null;
  const { drain } = file;
  if (drain !== 'keep' && (!Number.isInteger(drain) || drain < 1 || drain > 3600)) {
    context.report([...path, 'drain'], { code: 'E_SPEC_RANGE', message: 'charon drains a path for 1 to 3600 whole seconds' });
    return null;
  }
  const family = parsePrefix(connection.initiatorAddress)!.family;
  const local = before.addresses.find((owned) => endKey(owned) === endKey(file) && owned.prefix.family === family)?.prefix.address;
  if (local === undefined) {
    context.report([...path, 'interface'], {
      code: 'E_SPEC_EVENT_ADDRESS',
      message: `${endKey(file)} has no IPv${family} address for a path`,
    });
    return null;
  }
  if (!able(context, connection, path)) return null;
  const objection = walkOf(context, connection, before).handover(local, drain === 'keep');
  if (objection !== null) {
    context.report([...path, 'interface'], { code: 'E_SPEC_EVENT_PATH', message: `charon will refuse this: ${objection}` });
    return null;
  }
  const { at, node } = file;
  const common = { at, kind: 'make-before-break' as const, node, interface: file.interface };
  return { ...common, connection: connection.name, local, drain: drain === 'keep' ? null : drain };
}

/** null: reported, or a cell in which the event does not happen. */
export function mobikeCommand(
  context: Context,
  file: Of<'mobike'>,
  path: Path,
  connections: readonly IpsecConnection[],
  before: Before,
): TimedEvent | null {
  if (nodeAt(context, file.node, [...path, 'node']) === null) return null;
  const connection = connectionOf(context, file, connections, path);
  if (connection === null) return null;
  const wanted = parsePrefix(file.local)!;
  const local = before.addresses.find((owned) => owned.node === file.node && sameAddress(owned.prefix, wanted))?.prefix.address;
  if (local === undefined) {
    const message = `node "${file.node}" does not have the address ${file.local}`;
    context.report([...path, 'local'], { code: 'E_SPEC_ADDRESS_UNKNOWN', message });
    return null;
  }
  if (!able(context, connection, path)) return null;
  const { action } = file;
  const objection = walkOf(context, connection, before).objection(action, local);
  if (objection !== null) {
    context.report([...path, 'action'], { code: 'E_SPEC_EVENT_PATH', message: `charon will refuse this: ${objection}` });
    return null;
  }
  return { at: file.at, kind: 'mobike', node: file.node, connection: connection.name, action, local };
}
