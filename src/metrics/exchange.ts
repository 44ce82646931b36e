/**
 * IKE exchanges as one node saw them: the requests it sent (first transmission and repeats) and the responses that came
 * back, matched by the SPIs and the message ID (RFC 7296 section 2.2). Times count from the first transmission.
 */
import { EXCHANGE, NOTIFY } from '../pcap/index.ts';
import type { IkeInfo } from '../types/packet.ts';
import type { IkeSighting, Trace } from './sighting.ts';

export const { IKE_SA_INIT, IKE_AUTH, CREATE_CHILD_SA, INFORMATIONAL } = EXCHANGE;

export interface Exchange {
  exchange: number;
  initiatorSpi: string;
  messageId: number;
  requests: IkeSighting[];
  responses: IkeSighting[];
  /** notify types of the requests, when they decrypted */
  notifies: Set<number>;
  decrypted: boolean;
}

/** Exchanges started by `node`, by the time of the first request. */
export function exchangesFrom(trace: Trace, node: string): Exchange[] {
  const found = new Map<string, Exchange>();
  for (const seen of trace.ike) {
    if (seen.node !== node || seen.way !== (seen.ike.response ? 'in' : 'out')) continue;
    const { ike } = seen;
    // who originated the SA tells apart the two nodes' counters (RFC 7296 section 2.2)
    const ours = ike.response ? !ike.fromInitiator : ike.fromInitiator;
    const key = `${ike.initiatorSpi} ${ike.exchange} ${ike.messageId} ${ours}`;
    let entry = found.get(key);
    if (entry === undefined) {
      if (ike.response) continue;
      const { exchange, initiatorSpi, messageId } = ike;
      entry = { exchange, initiatorSpi, messageId, requests: [], responses: [], notifies: new Set(), decrypted: false };
      found.set(key, entry);
    }
    if (ike.response) entry.responses.push(seen);
    else {
      entry.requests.push(seen);
      entry.decrypted ||= ike.decrypted;
      for (const notify of ike.notifies) entry.notifies.add(notify.type);
    }
  }
  return [...found.values()];
}

/** Seconds from the first of `requests` to the first response after it, or null. */
export function roundTrip(requests: IkeSighting[], responses: IkeSighting[]): number | null {
  const first = requests[0];
  const answer = first && responses.find((response) => response.t >= first.t);
  return first === undefined || answer === undefined ? null : (answer.t - first.t) / 1e9;
}

/** True for a request that moves the SA, with parameters (docs/mobike-x.md sections 6 and 7) or without (RFC 4555 section 3.5). */
export function isMove({ exchange, response, notifies }: IkeInfo): boolean {
  return exchange === INFORMATIONAL && !response && notifies.some(({ type }) => type === NOTIFY.UPDATE_SA_ADDRESSES);
}

/** True for an exchange that moves the SA. */
export function isUpdate({ requests }: Exchange): boolean {
  return requests.some(({ ike }) => isMove(ike));
}

/** True for a request that adds or removes a path: it may be the first message over a path, and probes nothing. */
export function changesPaths({ notifies }: Exchange): boolean {
  return notifies.has(NOTIFY.ADD_SA_ADDRESS) || notifies.has(NOTIFY.REMOVE_SA_ADDRESS);
}

/** The first UPDATE_SA_ADDRESSES exchange that began after `t0`, from `exchangesFrom(mobile node)`. */
export function firstUpdate(exchanges: Exchange[], t0: number): Exchange | undefined {
  return exchanges.find((exchange) => isUpdate(exchange) && exchange.requests[0]!.t >= t0);
}
