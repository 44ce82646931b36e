/** One event's way through the agent: the time, the rules, and what came of it. */
import type { CachedPacket } from './cache.ts';
import type { SnoopAction } from './events.ts';
import type { SnoopParameters } from './parameters.ts';
import type { SnoopStatistics } from './statistics.ts';

export const FORWARD: SnoopAction = Object.freeze({ do: 'forward' });
export const SUPPRESS: SnoopAction = Object.freeze({ do: 'suppress' });

export interface Turn {
  /** ms */
  now: number;
  parameters: SnoopParameters;
  statistics: SnoopStatistics;
  actions: SnoopAction[];
}

/** Tells the caller that these packets are no longer needed. */
export function dropAll(turn: Turn, packets: readonly CachedPacket[]): void {
  for (const { reference } of packets) turn.actions.push({ do: 'drop', reference });
}
