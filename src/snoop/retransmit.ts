/** Local retransmissions. */
import type { CachedPacket } from './cache.ts';
import type { Connection } from './connection.ts';
import type { RetransmitCause } from './events.ts';
import type { Turn } from './turn.ts';

const COUNTER = { duplicate: 'retransmittedOnDuplicates', timer: 'retransmittedOnTimer', persist: 'retransmittedOnPersist' } as const;

/** Sends one cached packet again. */
export function retransmit(turn: Turn, packet: CachedPacket, cause: RetransmitCause): void {
  packet.copies += 1;
  turn.statistics[COUNTER[cause]] += 1;
  turn.actions.push({ do: 'retransmit', reference: packet.reference, cause });
}

/** Sends the head again. Every packet behind it may still cause one duplicate ACK, less those that came. */
export function retransmitHead(turn: Turn, connection: Connection, head: CachedPacket, cause: 'duplicate' | 'timer'): void {
  retransmit(turn, head, cause);
  connection.expected = Math.max(0, connection.cache.size - 1 - connection.duplicates);
  connection.restartTimer(turn.now);
}
