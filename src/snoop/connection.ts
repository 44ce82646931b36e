/** What the agent knows of one connection. */
import { type CachedPacket, PacketCache } from './cache.ts';
import type { FlowKey } from './events.ts';
import type { SnoopParameters } from './parameters.ts';
import { RttEstimator, type RttState } from './rtt.ts';
import { distance } from './serial.ts';

export class Connection {
  readonly flow: FlowKey;
  readonly cache: PacketCache;
  readonly rtt: RttEstimator;
  /** after the highest octet that passed to the mobile */
  lastSeen: number;
  /** the highest ACK of the mobile; null before the first, for what is still under way when the agent comes in is unknown */
  lastAck: number | null = null;
  /** of the last ACK that was not stale */
  window: number | null = null;
  /** after the sender's FIN */
  finEnd: number | null = null;
  /** duplicates of lastAck seen */
  duplicates = 0;
  /** duplicates of lastAck still to come, at most: a lost packet, a lost ACK and an unneeded copy make none */
  expected = 0;
  /** the sender asked again for an ACK the mobile gave before: the next duplicate is the answer, not a sign of loss */
  answerDue = false;
  /** ms, when the head is sent again; null while the timer is off */
  retransmitAt: number | null = null;
  persistAt: number;
  activeAt: number;

  constructor(flow: FlowKey, seq: number, parameters: SnoopParameters, now: number, rtt: RttState | null = null) {
    this.flow = flow;
    this.cache = new PacketCache(parameters.maxWindow);
    this.rtt = new RttEstimator(parameters, rtt);
    this.lastSeen = seq;
    this.activeAt = now;
    this.persistAt = now + parameters.persistTimeout;
  }

  /** A packet of either side passed. */
  touch(now: number, parameters: SnoopParameters): void {
    this.activeAt = now;
    this.persistAt = now + parameters.persistTimeout;
  }

  /** (Re)starts the local timer, or stops it when nothing is left to wait for. */
  restartTimer(now: number): void {
    this.retransmitAt = this.cache.size > 0 ? now + this.rtt.rto : null;
  }

  /** The cached packet with the octet the mobile waits for; before the first ACK the lowest is taken to be it. */
  awaited(): CachedPacket | undefined {
    const { head } = this.cache;
    return head === undefined || this.lastAck === null || distance(head.seq, this.lastAck) <= 0 ? head : undefined;
  }

  /** The mobile takes nothing now: sending again is no use. */
  get closedWindow(): boolean {
    return this.window === 0;
  }

  /** ms, when the connection is forgotten unless a packet passes before. */
  collectAt(parameters: SnoopParameters): number {
    return this.activeAt + parameters.garbageTimeout;
  }

  /** ms, when the connection next needs a timer event. What is due is decided by the same sums: rounding must not make it come early. */
  deadline(parameters: SnoopParameters): number {
    let at = this.collectAt(parameters);
    if (this.retransmitAt !== null) at = Math.min(at, this.retransmitAt);
    return this.cache.size > 0 ? Math.min(at, this.persistAt) : at;
  }
}
