/** An UPDATE that was answered need not have moved anything: the answer may refuse it. */
import { type MobikexContent, mobikexContent, NOTIFY, notifyName, pathStatusName } from '../pcap/index.ts';
import type { IkeInfo } from '../types/packet.ts';
import type { Exchange } from './exchange.ts';

/**
 * Why the peer refused an UPDATE: the name of a path status (docs/mobike-x.md section 2.3) or of RFC 4555's notify. Null when it
 * accepted, when there is no answer, or when nobody can read it.
 */
export function refusal({ requests, responses }: Exchange): string | null {
  const answer = responses.find(({ ike }) => ike.decrypted)?.ike;
  if (answer === undefined) return null;
  const asked = contentOf(requests[0]!.ike, 'UPDATE_SA_ADDRESSES');
  const told = contentOf(answer, 'MOBIKEX_PATH_STATUS');
  if (told !== undefined && 'status' in told) {
    const name = pathStatusName(told.status);
    return name === 'ok' || (name === 'rrc-pending' && movesOnePath(asked)) ? null : name;
  }
  const no = answer.notifies.find(({ type }) => type === NOTIFY.UNACCEPTABLE_ADDRESSES || type === NOTIFY.UNEXPECTED_NAT_DETECTED);
  if (no !== undefined) return notifyName(no.type);
  // with parameters an answer has to say how it went
  return asked === undefined ? null : 'no valid path status';
}

/** New addresses of one path are accepted and then checked; another path is refused until it is. */
function movesOnePath(asked: MobikexContent | undefined): boolean {
  return asked !== undefined && 'parameters' in asked && asked.parameters.every(({ path }) => path === asked.parameters[0]!.path);
}

function contentOf(ike: IkeInfo, name: MobikexContent['notify']): MobikexContent | undefined {
  return ike.notifies
    .map(mobikexContent)
    .filter((content) => content !== null)
    .find(({ notify }) => notify === name);
}
