/** What goes into the agent and what it answers. It reads no clock and no packet: times are ms of the caller's clock, which may not go back. */

/** Names the connection in the direction of its data, from the fixed host to the mobile one. IPv4 addresses as 32-bit numbers. */
export interface FlowKey {
  fixed: number;
  fixedPort: number;
  mobile: number;
  mobilePort: number;
  /** connections of different realms have nothing to do with each other, whatever else is equal; default 0 */
  realm?: number;
}

/** A packet the caller can send again as it was (with MML-IPsec: its ciphertext). `id` names it, `length` is in octets. */
export interface PacketReference {
  id: number;
  length: number;
}

export interface TcpFlags {
  syn?: boolean;
  fin?: boolean;
  rst?: boolean;
}

/** A TCP packet on its way to the mobile. */
export interface DataEvent {
  kind: 'data';
  at: number;
  flow: FlowKey;
  /** 32-bit sequence number of its first octet */
  seq: number;
  /** octets of payload */
  length: number;
  flags?: TcpFlags;
  reference: PacketReference;
  /** the wireless queue will not take it: congestion, which the sender has to see */
  queueFull?: boolean;
}

/** A TCP packet from the mobile; `flow` is named in the direction of the data it acknowledges. */
export interface AckEvent {
  kind: 'ack';
  at: number;
  flow: FlowKey;
  ack: number;
  /** the field as it stands in the header: it is compared only, so scaling does not matter */
  window: number;
  /** octets of payload; 0 for a pure ACK */
  length: number;
  flags?: TcpFlags;
  /** it has SACK blocks; left out where options cannot be read (zone 2 of MML-IPsec) */
  sack?: boolean;
}

export interface TimerEvent {
  kind: 'timer';
  at: number;
}

export type SnoopEvent = DataEvent | AckEvent | TimerEvent;

/** duplicate: dup ACKs; timer: the local RTO; persist: both sides silent, or a connection taken over */
export type RetransmitCause = 'duplicate' | 'timer' | 'persist';

export type SnoopAction =
  /** let the packet of this event go on */
  | { do: 'forward' }
  /** swallow the ACK of this event */
  | { do: 'suppress' }
  /** keep this packet until it is dropped */
  | { do: 'cache'; reference: PacketReference }
  /** the agent will never name this packet again */
  | { do: 'drop'; reference: PacketReference }
  /** send the kept packet to the mobile now, ahead of the queue */
  | { do: 'retransmit'; reference: PacketReference; cause: RetransmitCause }
  /** hand in a timer event at `at` instead of any time asked for before */
  | { do: 'timer'; at: number };
