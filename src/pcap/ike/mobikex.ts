/**
 * What MOBIKE-X's notifies contain (docs/mobike-x.md section 2): capabilities, IP parameters, the status of a path. As strict as
 * a receiver has to be: data that is not valid in whole is `malformed`, and says why. Nothing here throws.
 */
import type { IkeInfo } from '../../types/packet.ts';
import { ipv4Text, ipv6Text } from '../ip/addresses.ts';
import { NOTIFY } from './names.ts';

export type IpRole = 'old-sender' | 'new-sender' | 'old-peer' | 'new-peer';

/** An address of a path (section 2.2). */
export interface IpParameter {
  role: IpRole;
  path: number;
  address: string;
  port: number;
  flags: number;
}

export interface Malformed {
  malformed: string;
}

export interface MobikexSupported {
  version: number;
  /** 0x01 addresses of transport mode SAs may change, 0x02 several paths */
  flags: number;
  /** paths the sender will maintain, path 0 included */
  maxPaths: number;
}

export interface PathStatus {
  path: number;
  /** see `pathStatusName` */
  status: number;
}

export type MobikexRequest = 'ADD_SA_ADDRESS' | 'REMOVE_SA_ADDRESS' | 'UPDATE_SA_ADDRESSES';

export type MobikexContent =
  | ({ notify: 'MOBIKEX_SUPPORTED' } & MobikexSupported)
  | ({ notify: 'MOBIKEX_PATH_STATUS' } & PathStatus)
  | { notify: MobikexRequest; parameters: IpParameter[] }
  | ({ notify: 'MOBIKEX_SUPPORTED' | 'MOBIKEX_PATH_STATUS' | MobikexRequest } & Malformed);

const MAGIC = 0x4d424b58;
const VERSION = 1;
const IP_PARAMETER = 2;
const MOST_PARAMETERS = 4;
/** octets of a parameter before its address */
const PARAMETER = 12;
const ROLES: readonly IpRole[] = ['old-sender', 'new-sender', 'old-peer', 'new-peer'];
/** which parameters a request has, in words and in order of their numbers (sections 5, 6 and 8) */
const WANTED: Record<MobikexRequest, readonly IpRole[]> = {
  ADD_SA_ADDRESS: ['new-sender'],
  REMOVE_SA_ADDRESS: ['old-sender'],
  UPDATE_SA_ADDRESSES: ['old-sender', 'new-sender'],
};
const STATUSES = ['ok', 'unknown-path', 'policy', 'rrc-pending', 'too-many', 'wrong-path', 'last-path', 'malformed', 'busy'];

/** Name of a path status (section 2.3), or the number as text when it has none. */
export const pathStatusName = (status: number): string => STATUSES[status] ?? String(status);

/** The content of a notify of MOBIKE-X; null for any other, and for the empty UPDATE_SA_ADDRESSES of RFC 4555. */
export function mobikexContent({ type, data }: Pick<IkeInfo['notifies'][number], 'type' | 'data'>): MobikexContent | null {
  const b = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  switch (type) {
    case NOTIFY.MOBIKEX_SUPPORTED:
      return { notify: 'MOBIKEX_SUPPORTED', ...decodeSupported(b) };
    case NOTIFY.MOBIKEX_PATH_STATUS:
      return { notify: 'MOBIKEX_PATH_STATUS', ...decodeStatus(b) };
    case NOTIFY.ADD_SA_ADDRESS:
      return request('ADD_SA_ADDRESS', b);
    case NOTIFY.REMOVE_SA_ADDRESS:
      return request('REMOVE_SA_ADDRESS', b);
    case NOTIFY.UPDATE_SA_ADDRESSES:
      return b.length === 0 ? null : request('UPDATE_SA_ADDRESSES', b);
    default:
      return null;
  }
}

/** Section 2.1: octets after the eighth are of a later revision, and ignored. */
function decodeSupported(b: Buffer): MobikexSupported | Malformed {
  if (b.length < 8) return { malformed: 'truncated' };
  if (b.readUInt32BE(0) !== MAGIC) return { malformed: 'another magic' };
  const [version, flags, maxPaths] = [b[4]!, b[5]!, b[6]!];
  if (version !== VERSION) return { malformed: `version ${version}` };
  return maxPaths === 0 ? { malformed: 'no path' } : { version, flags, maxPaths };
}

function decodeStatus(b: Buffer): PathStatus | Malformed {
  return b.length === 4 ? { path: b.readUInt16BE(0), status: b.readUInt16BE(2) } : { malformed: `${b.length} octets` };
}

function request(notify: MobikexRequest, b: Buffer): MobikexContent {
  const parameters = decodeParameters(b);
  if (!Array.isArray(parameters)) return { notify, ...parameters };
  const roles = parameters.map(({ role }) => role).sort(byNumber);
  const wanted = WANTED[notify];
  if (roles.join() === wanted.join()) return { notify, parameters };
  return { notify, malformed: `${roles.join(' and ')} instead of ${wanted.join(' and ')}` };
}

const byNumber = (a: IpRole, b: IpRole): number => ROLES.indexOf(a) - ROLES.indexOf(b);

/** IP parameters to the end of the data, each role at most once (section 2.2). */
function decodeParameters(b: Buffer): IpParameter[] | Malformed {
  if (b.length === 0) return { malformed: 'empty' };
  const found: IpParameter[] = [];
  for (let at = 0; at < b.length; ) {
    if (found.length === MOST_PARAMETERS) return { malformed: `more than ${MOST_PARAMETERS} parameters` };
    if (b.length - at < PARAMETER) return { malformed: 'truncated' };
    const [type, family, length] = [b[at]!, b[at + 6]!, b.readUInt16BE(at + 2)];
    const role = ROLES[b[at + 1]! - 1];
    if (type !== IP_PARAMETER) return { malformed: `parameter type ${type}` };
    if (role === undefined) return { malformed: `role ${b[at + 1]}` };
    if (family !== 4 && family !== 6) return { malformed: `family ${family}` };
    if (length !== PARAMETER + (family === 4 ? 4 : 16)) return { malformed: `length ${length} of IPv${family}` };
    if (b.length - at < length) return { malformed: 'truncated' };
    const address = family === 4 ? ipv4Text(b, at + PARAMETER) : ipv6Text(b, at + PARAMETER);
    if (!isUsable(b.subarray(at + PARAMETER, at + length))) return { malformed: `address ${address}` };
    if (found.some((other) => other.role === role)) return { malformed: `${role} twice` };
    found.push({ role, path: b.readUInt16BE(at + 4), address, port: b.readUInt16BE(at + 8), flags: b[at + 7]! });
    at += length;
  }
  return found;
}

/** Not unspecified, 0.0.0.0/8, multicast, 240.0.0.0/4, or an IPv4-mapped IPv6 address. */
function isUsable(address: Buffer): boolean {
  if (address.length === 4) return address[0]! > 0 && address[0]! < 224;
  const mapped = address.subarray(0, 10).every((octet) => octet === 0) && address[10] === 0xff && address[11] === 0xff;
  return address[0] !== 0xff && !mapped && address.some((octet) => octet !== 0);
}
