/** What the traffic worker is told and what it answers. All times are ns of CLOCK_REALTIME since `epoch`. */
import type { DeliveryRecord, Nanoseconds } from '../types/run.ts';

export interface UdpEndpoint {
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
}

export type TrafficCommand =
  | { do: 'open'; epoch: number; flows: UdpEndpoint[] }
  | { do: 'start'; at: Nanoseconds; stop: Nanoseconds; drain: Nanoseconds };

export interface FlowResult {
  name: string;
  /** numbers 0 to sent-1 were used */
  sent: number;
  /** sendto() refusals by errno: no route, no address... */
  refused: Record<string, number>;
  deliveries: DeliveryRecord[];
}

export type TrafficAnswer = { did: 'opened' } | { did: 'finished'; flows: FlowResult[] } | { did: 'failed'; message: string };
