/** What the captures of a run showed, sorted: the shapes that trace.ts fills and each metric reads. */
import type { IkeInfo, Packet } from '../types/packet.ts';
import type { Nanoseconds } from '../types/run.ts';
import type { SctpData } from '../types/sctp.ts';
import type { Way } from './way.ts';

export interface Sighting {
  t: Nanoseconds;
  node: string;
  interface: string;
  way: Way;
  /** the packet as it was on the wire */
  outer: Packet;
}

export interface IkeSighting extends Sighting {
  ike: IkeInfo;
}

export interface PacketSighting extends Sighting {
  /** the packet inside ESP, or the packet itself */
  inner: Packet;
  /** true: it was found inside ESP or what else a tunnel sends, or on a tunnel's interface */
  sealed: boolean;
}

/** A packet of an SCTP association or MPTCP connection. */
export interface AssociationSighting extends PacketSighting {
  /** true: from the flow's sender to its receiver */
  forth: boolean;
}

/** User data: a packet (udp), a segment (tcp, mptcp) or a chunk (sctp). */
export interface FlowSighting extends PacketSighting {
  /** of a segment the TCP sequence number, of a chunk its TSN minus the initial TSN */
  seq: number;
  /** numbers it takes: octets of a segment, else 1 */
  span: number;
  /** octets of user data */
  octets: number;
  /** null for TCP and chunks that begin no message, which carry no clock of ours */
  sent: Nanoseconds | null;
  /** sctp: number of the message that begins here, and the chunk */
  message?: number | null;
  chunk?: SctpData;
}

export interface Trace {
  /** by time */
  ike: IkeSighting[];
  /** user data from sender to receiver by flow name, each by time; of sctp only at its ends and those of its protection */
  flows: Map<string, FlowSighting[]>;
  /** sctp and mptcp: every packet, both ways, by flow name, each by time */
  associations: Map<string, AssociationSighting[]>;
  /** sctp: the TSN that has number 0, by flow name */
  origins: Map<string, number>;
  /** the tunnels' own packets (tunnels.ts), by time */
  carriers: Sighting[];
}

/** Packets of one flow that crossed `node` one way, sealed or in clear. */
export function sightingsAt<T extends PacketSighting>(seen: readonly T[] | undefined, node: string, way: Way, sealed: boolean): T[] {
  return seen?.filter((one) => one.node === node && one.way === way && one.sealed === sealed) ?? [];
}
