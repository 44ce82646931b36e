/** IKE exchanges of a capture whose vantage point is unknown: request and response matched by SPI, message ID and originator. */
import { exchangeName, isPathCheck, type MobikexContent, mobikexContent, notifyName } from '../../pcap/index.ts';
import type { IkeInfo, Packet } from '../../types/packet.ts';

export interface ForeignExchange {
  initiatorSpi: string;
  messageId: number;
  exchange: string;
  from: string;
  to: string;
  /** seconds since the first packet of the capture */
  start: number;
  /** seconds from the first request to the first response seen, null without one */
  duration: number | null;
  /** times the request was seen, more than one for retransmissions or several taps */
  requests: number;
  decrypted: boolean;
  /** names of the request's notifies */
  notifies: string[];
  /** the request checks the path it came over: COOKIE2 and nothing else */
  pathCheck: boolean;
  /** contents of MOBIKE-X's notifies in the request and in the first response that could be read */
  mobikex: { request: MobikexContent[]; response: MobikexContent[] };
}

/** By the time of the first request. A response whose request is not in the capture is left out. */
export function ikeExchanges(packets: Packet[]): ForeignExchange[] {
  const found = new Map<string, ForeignExchange>();
  for (const { t, src, dst, ike } of packets) {
    if (ike === null) continue;
    const key = `${ike.initiatorSpi} ${ike.exchange} ${ike.messageId} ${ike.fromInitiator !== ike.response}`;
    const entry = found.get(key);
    if (ike.response) {
      if (entry === undefined) continue;
      entry.duration ??= t / 1e9 - entry.start;
      if (entry.mobikex.response.length === 0) entry.mobikex.response = contents(ike);
    } else if (entry === undefined) found.set(key, begin(ike, src, dst, t / 1e9));
    else entry.requests += 1;
  }
  return [...found.values()];
}

function begin(ike: IkeInfo, from: string, to: string, start: number): ForeignExchange {
  const { initiatorSpi, messageId, decrypted } = ike;
  const notifies = ike.notifies.map(({ type }) => notifyName(type));
  return {
    initiatorSpi,
    messageId,
    exchange: exchangeName(ike.exchange),
    from,
    to,
    start,
    duration: null,
    requests: 1,
    decrypted,
    notifies,
    pathCheck: isPathCheck(ike),
    mobikex: { request: contents(ike), response: [] },
  };
}

const contents = ({ notifies }: IkeInfo): MobikexContent[] => notifies.map(mobikexContent).filter((content) => content !== null);
