/** What a row of an IKE exchange says beside its addresses, and what stands below it: MOBIKE-X's contents, a line each. */
import { type MobikexContent, mobikexText } from '../../pcap/index.ts';
import type { ForeignExchange } from '../foreign/ike.ts';
import { shortened } from '../format.ts';

/** a hostile message has thousands */
const MOST = 8;

/** Names of the request's notifies, without those `ikeContents` shows. */
export function ikeWords({ notifies, pathCheck, mobikex }: ForeignExchange): string[] {
  if (pathCheck) return ['path check'];
  const told = new Set<string>(mobikex.request.map(({ notify }) => notify));
  return notifies.filter((name) => !told.has(name));
}

/** `ADD_SA_ADDRESS path 1 10.2.0.2:4500`, `answer: PATH_STATUS 1 ok`, ... */
export function ikeContents({ mobikex }: ForeignExchange): string[] {
  return [...lines(mobikex.request, ''), ...lines(mobikex.response, 'answer: ')];
}

function lines(contents: MobikexContent[], before: string): string[] {
  const { shown, more } = shortened(contents, MOST);
  return [...shown.map((content) => `${before}${mobikexText(content)}`), ...(more > 0 ? [`${before}and ${more} more`] : [])];
}
