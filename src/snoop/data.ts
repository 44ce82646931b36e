/** Packets from the fixed host: what is cached, and whose loss is whose. */
import type { Connection } from './connection.ts';
import type { DataEvent } from './events.ts';
import { advance, distance } from './serial.ts';
import { FORWARD, type Turn } from './turn.ts';

/** No TCP window is larger (RFC 7323 section 2.3): what lies further off belongs to another connection. */
const LARGEST_WINDOW = 2 ** 30;

/** Octets of sequence space: a FIN takes one (RFC 9293 section 3.4). */
export function span(event: DataEvent): number {
  return event.length + (event.flags?.fin === true ? 1 : 0);
}

/** Handles a packet without SYN and RST; it is always forwarded. False: the connection is not the one the agent knows. */
export function onData(turn: Turn, connection: Connection, event: DataEvent): boolean {
  const { statistics, now } = turn;
  const seq = event.seq >>> 0;
  const end = advance(seq, span(event));
  connection.touch(now, turn.parameters);
  if (end === seq) {
    // a keep-alive or window probe asks for an ACK that was given before
    if (connection.lastAck !== null && distance(seq, connection.lastAck) < 0) connection.answerDue = true;
    turn.actions.push(FORWARD);
    return true;
  }
  statistics.data += 1;
  if (Math.abs(distance(seq, connection.lastSeen)) > LARGEST_WINDOW) {
    statistics.strange += 1;
    turn.actions.push(FORWARD);
    return false;
  }
  if (event.flags?.fin === true) connection.finEnd = end;
  if (connection.lastAck !== null && distance(end, connection.lastAck) <= 0) {
    statistics.alreadyAcked += 1;
    connection.answerDue = true;
  } else {
    keep(turn, connection, event, seq, end);
  }
  turn.actions.push(FORWARD);
  return true;
}

/** Decides about the cache for a packet that is not acknowledged yet. */
function keep(turn: Turn, connection: Connection, event: DataEvent, seq: number, end: number): void {
  const { statistics, now } = turn;
  const { cache } = connection;
  const known = cache.find(seq);
  const late = distance(seq, connection.lastSeen) < 0;
  if (distance(end, connection.lastSeen) > 0) connection.lastSeen = end;
  if (known !== undefined) {
    statistics.senderRetransmissions += 1;
    known.congestion = true;
    known.copies = 0;
    // The newer copy has the newer ESP sequence number: it stays longer in the mobile's anti-replay window.
    if (event.queueFull !== true && distance(end, known.end) >= 0) {
      turn.actions.push({ do: 'drop', reference: known.reference }, { do: 'cache', reference: event.reference });
      known.reference = event.reference;
      known.end = end;
    }
    known.sentAt = now;
    if (known === cache.head || connection.retransmitAt === null) connection.restartTimer(now);
    return;
  }
  if (late) statistics.outOfOrder += 1;
  if (event.queueFull === true) {
    statistics.queueFull += 1;
  } else if (cache.full) {
    statistics.cacheFull += 1;
  } else {
    statistics.cached += 1;
    cache.insert({ seq, end, reference: event.reference, sentAt: now, copies: 0, congestion: late });
    turn.actions.push({ do: 'cache', reference: event.reference });
    if (connection.retransmitAt === null) connection.restartTimer(now);
  }
}
