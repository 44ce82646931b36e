/** The TCP SNOOP agent: events in, actions out, no clock and no socket of its own. */
export { SnoopAgent } from './agent.ts';
export type {
  AckEvent,
  DataEvent,
  FlowKey,
  PacketReference,
  RetransmitCause,
  SnoopAction,
  SnoopEvent,
  TcpFlags,
  TimerEvent,
} from './events.ts';
export type { ConnectionSnapshot } from './handoff.ts';
export { type SnoopParameters, snoopParameters, TABLE_4 } from './parameters.ts';
export type { SnoopStatistics } from './statistics.ts';
