/**
 * Which flow a packet belongs to. UDP tells by the header in its payload. TCP, SCTP and MPTCP tell by port and addresses: `port` is where
 * the end that is not the client listens, and the addresses are any the two ends ever have, since SCTP and MPTCP use several and a
 * packet from the wrong one is the flow's all the same.
 */

import { parsePayload } from '../pcap/index.ts';
import type { CellExperiment, Flow } from '../types/experiment.ts';
import { isMultihomed } from '../types/experiment.ts';
import type { Packet } from '../types/packet.ts';
import type { Nanoseconds } from '../types/run.ts';
import { AddressSet, withoutPrefix } from './address.ts';
import { tunnelsOf } from './tunnels.ts';

export interface FlowMatch {
  flow: Flow;
  /** true: from the flow's sender to its receiver */
  forth: boolean;
  /** null for TCP, SCTP and MPTCP */
  header: { seq: number; sent: Nanoseconds } | null;
}

export type FlowMatcher = (packet: Packet) => FlowMatch | null;

/** Packets of a cell's flows; of TCP those with data. Times in ns since `epoch`. */
export function matcherOf(cell: CellExperiment, epoch: number): FlowMatcher {
  const { flows } = cell;
  const tcp = flows.filter(({ kind }) => kind === 'tcp');
  const several = flows.filter(isMultihomed).map((flow) => ({
    flow,
    protocol: flow.kind === 'sctp' ? 132 : 6,
    from: addressesOf(cell, flow.from, [flow.source, ...(flow.sources ?? [])]),
    to: addressesOf(cell, flow.to, [flow.destination, ...(flow.destinations ?? [])]),
  }));
  return (packet) => {
    if (packet.protocol === 17) {
      const header = parsePayload(packet.payload, epoch);
      const flow = header === null ? undefined : flows[header.flow];
      return header === null || flow?.kind !== 'udp' ? null : { flow, forth: true, header };
    }
    if (packet.tcp === null && packet.sctp === null) return null;
    for (const { flow, protocol, from, to } of several) {
      if (packet.protocol !== protocol || (packet.dstPort !== flow.port && packet.srcPort !== flow.port)) continue;
      if (from.has(packet.src) && to.has(packet.dst)) return { flow, forth: true, header: null };
      if (to.has(packet.src) && from.has(packet.dst)) return { flow, forth: false, header: null };
    }
    if ((packet.tcp?.payload ?? 0) === 0) return null;
    const flow = tcp.find(({ port, destination }) => port === packet.dstPort && destination === packet.dst);
    return flow === undefined ? null : { flow, forth: true, header: null };
  };
}

/** Every address a node has at any time of the run, inner ones and those events bring included. */
function addressesOf(cell: CellExperiment, name: string, more: string[]): AddressSet {
  const set = new AddressSet(more);
  const node = cell.nodes.find((candidate) => candidate.name === name);
  for (const address of node?.interfaces.flatMap(({ addresses }) => addresses) ?? []) set.add(withoutPrefix(address));
  for (const { initiator, virtualIp } of cell.ipsec) if (initiator === name && virtualIp !== undefined) set.add(virtualIp);
  for (const tunnel of tunnelsOf(cell)) {
    if (tunnel.initiator === name) set.add(tunnel.initiatorInner);
    if (tunnel.responder === name) set.add(tunnel.responderInner);
  }
  for (const event of cell.timeline) {
    if (event.kind === 'readdress' && event.node === name) set.add(withoutPrefix(event.to));
    if (event.kind === 'asconf' && event.node === name) set.add(event.address);
  }
  return set;
}
