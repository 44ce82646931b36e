/** What a ladder writes at an IKE message: what it asks for or answers, which request or response it is, and which copy. */
import { isPathCheck, type MobikexContent, mobikexContent, mobikexText } from '../../pcap/index.ts';
import type { IkeInfo } from '../../types/packet.ts';
import { CREATE_CHILD_SA, IKE_AUTH, IKE_SA_INIT, INFORMATIONAL, isMove } from '../exchange.ts';

const NAMES: Record<number, string> = {
  [IKE_SA_INIT]: 'IKE_SA_INIT',
  [IKE_AUTH]: 'IKE_AUTH',
  [CREATE_CHILD_SA]: 'CREATE_CHILD_SA',
  [INFORMATIONAL]: 'INFORMATIONAL',
};

/**
 * `UPDATE_SA_ADDRESSES path 0 -> 1 request 3`, `PATH_STATUS 1 ok response 3`, `path check request 0 (copy 2)`. A response is named
 * after its `request`, undefined when that was not captured; `probe`: the exchange is the one T_RC is about; `copy` counts from 0.
 */
export function messageLabel(ike: IkeInfo, request: IkeInfo | undefined, probe: boolean, copy: number): string {
  const what = (ike.response ? status(ike) : demand(ike)) ?? plain(request ?? ike, probe);
  const again = copy > 0 ? ` (copy ${copy + 1})` : '';
  return `${what} ${ike.response ? 'response' : 'request'} ${ike.messageId}${again}`;
}

/** What the request asks for; an exchange without a name of its own is known by its type. */
function plain(request: IkeInfo, probe: boolean): string {
  const exchange = NAMES[request.exchange] ?? `IKE exchange ${request.exchange}`;
  const asked = asks(request)[0];
  if (request.exchange === CREATE_CHILD_SA && asked !== undefined) return `${exchange} path ${pathOf(asked)}`;
  if (isMove(request)) return 'UPDATE_SA_ADDRESSES';
  if (asked !== undefined) return asked.notify;
  if (probe) return 'path probe';
  return isPathCheck(request) ? 'path check' : exchange;
}

/** The parameters of an INFORMATIONAL request; more than one notify of the kind is malformed, and shown. */
function demand(request: IkeInfo): string | null {
  const asked = request.exchange === INFORMATIONAL ? asks(request) : [];
  return asked.length === 0 ? null : asked.map(mobikexText).join(' and ');
}

function status(response: IkeInfo): string | null {
  const found = contents(response).find(({ notify }) => notify === 'MOBIKEX_PATH_STATUS');
  return found === undefined ? null : mobikexText(found);
}

const asks = (request: IkeInfo): MobikexContent[] => contents(request).filter(({ notify }) => /_SA_ADDRESS/.test(notify));
const contents = ({ notifies }: IkeInfo): MobikexContent[] => notifies.map(mobikexContent).filter((content) => content !== null);
const pathOf = (content: MobikexContent): string => ('parameters' in content ? String(content.parameters[0]!.path) : 'malformed');
