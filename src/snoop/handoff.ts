/** State that moves to another agent with the mobile. Soft: an agent that starts empty only recovers less. */
import type { CachedPacket } from './cache.ts';
import { Connection } from './connection.ts';
import type { FlowKey, PacketReference } from './events.ts';
import type { SnoopParameters } from './parameters.ts';
import type { RttState } from './rtt.ts';
import { distance } from './serial.ts';

/** One connection without clock times, as plain data. */
export interface ConnectionSnapshot {
  flow: FlowKey;
  lastSeen: number;
  lastAck: number | null;
  window: number | null;
  finEnd: number | null;
  rtt: RttState | null;
  /** `age`: ms since the sender's packet passed */
  packets: { seq: number; end: number; reference: PacketReference; age: number; congestion: boolean }[];
}

/** What another agent needs to go on with the connection. */
export function snapshot(connection: Connection, now: number): ConnectionSnapshot {
  const { flow, lastSeen, lastAck, window, finEnd, rtt, cache } = connection;
  const packets = cache.packets.map(({ seq, end, reference, sentAt, congestion }) => ({
    seq,
    end,
    reference,
    age: now - sentAt,
    congestion,
  }));
  return { flow: { ...flow }, lastSeen, lastAck, window, finEnd, rtt: rtt.state === null ? null : { ...rtt.state }, packets };
}

/**
 * The connection of a snapshot. Packets that are acknowledged, empty, double, beyond lastSeen or beyond the cache are left out. All others
 * count as sent again, since what was under way in the old cell is lost more often than not; the persist timer is due at once.
 */
export function restore(from: ConnectionSnapshot, parameters: SnoopParameters, now: number): Connection {
  const connection = new Connection({ ...from.flow }, from.lastSeen >>> 0, parameters, now, from.rtt === null ? null : { ...from.rtt });
  connection.lastAck = from.lastAck;
  connection.window = from.window;
  connection.finEnd = from.finEnd;
  connection.persistAt = now;
  for (const { seq, end, reference, age, congestion } of from.packets) {
    const packet: CachedPacket = { seq: seq >>> 0, end: end >>> 0, reference, sentAt: now - age, copies: 0, congestion };
    if (wanted(connection, packet)) connection.cache.insert(packet);
  }
  return connection;
}

function wanted({ cache, lastAck, lastSeen }: Connection, { seq, end }: CachedPacket): boolean {
  if (cache.full || cache.find(seq) !== undefined || distance(end, seq) <= 0) return false;
  return distance(end, lastSeen) <= 0 && (lastAck === null || distance(end, lastAck) > 0);
}
