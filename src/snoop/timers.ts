/** What is due on one connection: its local timer, the persist timer, and its end after idling. */
import type { Connection } from './connection.ts';
import { retransmit, retransmitHead } from './retransmit.ts';
import type { Turn } from './turn.ts';

/** Does what is due at the turn's time; early and late calls do no harm. False: the connection idled for too long. */
export function onTimer(turn: Turn, connection: Connection): boolean {
  const { now, parameters } = turn;
  if (connection.collectAt(parameters) <= now) return false;
  if (connection.cache.size > 0 && connection.persistAt <= now) persist(turn, connection);
  else if (connection.retransmitAt !== null && connection.retransmitAt <= now) expire(turn, connection);
  return true;
}

/** Not limited by maxRxmit but by the idle time: garbageTimeout / persistTimeout rounds at most. */
function persist(turn: Turn, connection: Connection): void {
  connection.persistAt = turn.now + turn.parameters.persistTimeout;
  if (connection.closedWindow) return;
  for (const packet of connection.cache.packets) retransmit(turn, packet, 'persist');
  connection.expected = Math.max(0, connection.cache.size - 1);
  connection.restartTimer(turn.now);
}

/** Leaves the timer off when the head cannot help: the next new packet or ACK starts it again. */
function expire(turn: Turn, connection: Connection): void {
  connection.retransmitAt = null;
  const head = connection.awaited();
  if (head === undefined || head.copies >= turn.parameters.maxRxmit || connection.closedWindow) return;
  connection.rtt.backOff();
  retransmitHead(turn, connection, head, 'timer');
}
