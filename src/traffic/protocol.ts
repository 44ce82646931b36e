/** What the traffic worker is told and what it answers. All times are ns of CLOCK_REALTIME since `epoch`. */
import type { AsconfCommand } from '../types/experiment.ts';
import type { DeliveryRecord, Nanoseconds } from '../types/run.ts';

export interface UdpEndpoint {
  protocol?: 'udp';
  /** index of the flow in the cell; goes into every payload */
  index: number;
  name: string;
  /** null: any, the kernel picks the source of the route each packet takes */
  source: string | null;
  destination: string;
  /** where the receiver listens */
  port: number;
  /**
   * Index of the flow this one answers (engine.ts). Both use one pair of sockets: this one sends from the other's destination and
   * port, and is received where the other is sent from. `source` and `destination` do not count.
   */
  answers?: number;
  /** packets per second */
  rate: number;
  /** UDP payload octets */
  size: number;
  /** phase of the first packet within one interval, 0..1, from the run's seed */
  phase: number;
  /** namespaces of sender and receiver */
  fromNamespace: string;
  toNamespace: string;
  /** stamps each packet a second time, when it has been read */
  stampRead?: true;
}

export type StreamEnd = 'sender' | 'receiver';

/** Numbered messages of one size over one SCTP association, or one MPTCP connection. */
export interface StreamEndpoint {
  protocol: 'sctp' | 'mptcp';
  index: number;
  name: string;
  /** addresses of sender and receiver, the primary ones first; of mptcp the others come and go by `ip mptcp` */
  sources: string[];
  destinations: string[];
  /** where the end listens that is not the client */
  port: number;
  /** the end that opens it */
  client: StreamEnd;
  /** the client is bound to no address but has all of its node's: what the kernel wants before it announces new ones by itself */
  anyAddress?: true;
  /** messages per second; 0: as fast as it goes */
  rate: number;
  /** octets of a message */
  size: number;
  phase: number;
  fromNamespace: string;
  toNamespace: string;
}

export type Endpoint = UdpEndpoint | StreamEndpoint;

/** A change of an association's addresses (RFC 5061), made by one of its ends at an instant of the run. */
export interface AddressChange {
  /** index of the flow, not its place in the list */
  flow: number;
  at: Nanoseconds;
  action: AsconfCommand['action'];
  /** of `end` */
  address: string;
  end: StreamEnd;
}

export interface AddressChanged {
  issued: Nanoseconds;
  /** when the kernel had taken it; it goes on its way to the peer then */
  done: Nanoseconds;
  /** 0: done */
  errno: number;
  /** the association had ended before */
  over: boolean;
}

export type TrafficCommand =
  | { do: 'open'; epoch: number; flows: Endpoint[] }
  | { do: 'start'; at: Nanoseconds; stop: Nanoseconds; drain: Nanoseconds; changes: AddressChange[] };

export interface FlowResult {
  name: string;
  /** numbers 0 to sent-1 were used */
  sent: number;
  /** refusals to send by errno: no route, no address...; of sctp and mptcp: what ended the association or connection */
  refused: Record<string, number>;
  deliveries: DeliveryRecord[];
}

export interface TrafficResult {
  flows: FlowResult[];
  /** one for each change, in the order they were given; null: its instant did not come */
  changed: (AddressChanged | null)[];
}

export type TrafficAnswer = { did: 'opened' } | ({ did: 'finished' } & TrafficResult) | { did: 'failed'; message: string };
