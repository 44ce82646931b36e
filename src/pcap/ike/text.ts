/** Notifies as one reads them in a line: by name, MOBIKE-X's with their contents. */
import type { IkeInfo } from '../../types/packet.ts';
import { type IpParameter, type MobikexContent, mobikexContent, pathStatusName } from './mobikex.ts';
import { EXCHANGE, NOTIFY, notifyName, PAYLOAD } from './names.ts';

/** `COOKIE2`, or `ADD_SA_ADDRESS path 1 10.2.0.2:4500`. */
export function notifyText(notify: Pick<IkeInfo['notifies'][number], 'type' | 'data'>): string {
  const content = mobikexContent(notify);
  return content === null ? notifyName(notify.type) : mobikexText(content);
}

/** `UPDATE_SA_ADDRESSES path 0 -> 1`, `PATH_STATUS 1 ok`, `REMOVE_SA_ADDRESS malformed: truncated`, ... */
export function mobikexText(content: MobikexContent): string {
  if ('malformed' in content) return `${content.notify} malformed: ${content.malformed}`;
  switch (content.notify) {
    case 'MOBIKEX_SUPPORTED':
      return `MOBIKEX_SUPPORTED v${content.version} flags 0x${content.flags.toString(16).padStart(2, '0')} max ${content.maxPaths}`;
    case 'MOBIKEX_PATH_STATUS':
      return `PATH_STATUS ${content.path} ${pathStatusName(content.status)}`;
    default:
      return `${content.notify} path ${parametersText(content.notify, content.parameters)}`;
  }
}

/** An addition has a new address, a removal an old one; an update has both, of one path that moves or of two. */
function parametersText(notify: string, parameters: IpParameter[]): string {
  const older = parameters.find(({ role }) => role === 'old-sender');
  const newer = parameters.find(({ role }) => role === 'new-sender');
  if (older !== undefined && newer !== undefined) {
    return older.path === newer.path ? `${older.path} ${end(older)} -> ${end(newer)}` : `${older.path} -> ${newer.path}`;
  }
  const only = (newer ?? older)!;
  return notify === 'ADD_SA_ADDRESS' ? `${only.path} ${end(only)}` : String(only.path);
}

function end({ address, port }: IpParameter): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** A check of a path: an INFORMATIONAL request with COOKIE2 and nothing else (docs/mobike-x.md section 4, rule 6). */
export function isPathCheck({ exchange, response, payloads, notifies }: IkeInfo): boolean {
  const only = payloads.length === 1 && payloads[0] === PAYLOAD.NOTIFY && notifies.length === 1;
  return exchange === EXCHANGE.INFORMATIONAL && !response && only && notifies[0]!.type === NOTIFY.COOKIE2;
}
