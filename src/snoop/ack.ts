/** ACKs from the mobile: which of them the sender gets, and when the agent sends again instead. */
import type { CachedPacket } from './cache.ts';
import type { Connection } from './connection.ts';
import type { AckEvent } from './events.ts';
import { retransmitHead } from './retransmit.ts';
import { distance } from './serial.ts';
import { dropAll, FORWARD, SUPPRESS, type Turn } from './turn.ts';

/** What the connection is worth after the ACK: followed on, at its end, or not the one the agent knows. */
export type AckOutcome = 'open' | 'finished' | 'unknown';

/** Handles an ACK without SYN and RST; exactly one of forward and suppress comes of it. */
export function onAck(turn: Turn, connection: Connection, event: AckEvent): AckOutcome {
  const { statistics } = turn;
  const ack = event.ack >>> 0;
  statistics.acks += 1;
  connection.touch(turn.now, turn.parameters);
  if (distance(ack, connection.lastSeen) > 0) {
    statistics.unseenAcks += 1;
    turn.actions.push(FORWARD);
    return 'unknown';
  }
  const ahead = connection.lastAck === null ? 1 : distance(ack, connection.lastAck);
  if (ahead > 0) return onNewAck(turn, connection, ack, event.window);
  if (ahead < 0) {
    // overtaken on the radio: the sender ignores it, but it may carry payload
    statistics.staleAcks += 1;
    turn.actions.push(FORWARD);
    return 'open';
  }
  const moved = event.window !== connection.window;
  connection.window = event.window;
  // RFC 5681 section 2; with a closed window the ACKs answer the sender's probes, and keep it alive
  if (moved || event.window === 0 || event.length > 0 || event.flags?.fin === true) {
    statistics.updates += 1;
    if (connection.retransmitAt === null) connection.restartTimer(turn.now);
    turn.actions.push(FORWARD);
    return 'open';
  }
  if (event.sack === true) statistics.duplicatesWithSack += 1;
  const suppressed = onDuplicate(turn, connection);
  statistics[suppressed ? 'duplicatesSuppressed' : 'duplicatesForwarded'] += 1;
  turn.actions.push(suppressed ? SUPPRESS : FORWARD);
  return 'open';
}

function onNewAck(turn: Turn, connection: Connection, ack: number, window: number): AckOutcome {
  turn.statistics.newAcks += 1;
  const freed = connection.cache.free(ack);
  dropAll(turn, freed);
  const newest = freed.at(-1);
  // Karn's rule for all of them: the newest may have waited at the mobile for one that was sent twice
  if (newest !== undefined && freed.every(sentOnce)) connection.rtt.sample(turn.now - newest.sentAt);
  connection.lastAck = ack;
  connection.window = window;
  connection.duplicates = 0;
  connection.expected = 0;
  connection.answerDue = false;
  // Also after a partial ACK: whether the next packet is lost or still queues here cannot be told from the cache.
  connection.restartTimer(turn.now);
  turn.actions.push(FORWARD);
  return connection.finEnd !== null && distance(ack, connection.finEnd) >= 0 ? 'finished' : 'open';
}

function sentOnce(packet: CachedPacket): boolean {
  return packet.copies === 0 && !packet.congestion;
}

/** True: the duplicate is swallowed. */
function onDuplicate(turn: Turn, connection: Connection): boolean {
  if (connection.answerDue) {
    connection.answerDue = false;
    return false;
  }
  const head = connection.awaited();
  // a hole that is not the radio's, or that cannot be filled from here
  if (head === undefined || head.congestion) return false;
  connection.duplicates += 1;
  if (connection.expected > 0) {
    connection.expected -= 1;
    return true;
  }
  if (head.copies >= turn.parameters.maxRxmit) return false;
  if (head.copies > 0) return true; // the timer sees to it
  if (connection.duplicates <= turn.parameters.dupThresh) return false;
  retransmitHead(turn, connection, head, 'duplicate');
  return true;
}
