/**
 * What a metric is computed from: decoded packets per capture, the event log, the daemons' logs and the receivers'
 * own logs of one run. Everything here is plain data; whoever reads the files (report/) makes it.
 */
import type { CellExperiment, IpsecConnection } from '../types/experiment.ts';
import type { HostDisturbance } from '../types/host.ts';
import type { Packet } from '../types/packet.ts';
import type { DeliveryRecord, EventRecord, Nanoseconds, RunRecord } from '../types/run.ts';

export interface CaptureInput {
  node: string;
  interface: string;
  mac: string;
  packets: Packet[];
  /** why the file is not whole, e.g. it ends inside a record */
  damaged?: string;
}

/** iperf3's own report of a bulk flow, as far as it could be read. */
export interface BulkReport {
  /** what is wrong with it */
  problem?: string;
  /** octets of a segment; null: it does not say */
  mss: number | null;
  /** by its receiver, which counts whole blocks of `block` octets (null: it does not say) */
  received: { bitsPerSecond: number; seconds: number; block: number | null } | null;
  /** seconds from the start of its data; octets of the congestion window, and of the window the receiver offers */
  intervals: { start: number; end: number; cwnd: number | null; offered: number | null }[];
}

export interface LogLine {
  t: Nanoseconds;
  text: string;
}

export interface MetricInput {
  cell: CellExperiment;
  run: RunRecord;
  events: EventRecord[];
  captures: CaptureInput[];
  /** daemon logs, one per node */
  logs: { node: string; lines: LogLine[] }[];
  /** receivers' own logs by flow name; a flow without an entry left no log */
  deliveries: Record<string, DeliveryRecord[]>;
  /** tcp: by flow name; a flow without an entry left no report */
  bulk?: Record<string, BulkReport>;
  /** what the machine did to the run; absent with the virtual clock */
  host?: HostDisturbance;
  /** virtual clock: instructions per second */
  cpuRate?: number;
}

/** The MN: the node with that role, else the initiator of the first connection or ESP helper's tunnel, else whoever sends the first flow. */
export function mobileNode(cell: CellExperiment): string {
  const role = cell.nodes.find((node) => node.role === 'MN')?.name;
  return (
    role ??
    cell.ipsec[0]?.initiator ??
    cell.mml?.[0]?.initiator ??
    cell.timeline[0]?.node ??
    cell.flows[0]?.from ??
    cell.nodes[0]?.name ??
    ''
  );
}

/** The connection the MN initiates, or null for an experiment without IPsec. */
export function mobileConnection(cell: CellExperiment): IpsecConnection | null {
  const mobile = mobileNode(cell);
  return cell.ipsec.find((connection) => connection.initiator === mobile) ?? null;
}

/** Lines of one node's daemon log; empty when the node has none. */
export function linesOf(input: MetricInput, node: string): LogLine[] {
  return input.logs.filter((log) => log.node === node).flatMap((log) => log.lines);
}
