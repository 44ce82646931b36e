/** Between which two nodes a flow is protected: those of its IPsec connection or WireGuard tunnel. */
import type { CellExperiment, Flow, WireguardTunnel } from '../types/experiment.ts';

export interface Protection {
  name: string;
  initiator: string;
  responder: string;
}

/** Null for a flow in clear by intent, and for one whose protection the cell does not have. */
export function protectionOf(cell: CellExperiment, flow: Flow): Protection | null {
  if (flow.protectedBy === null) return null;
  return [...cell.ipsec, ...(cell.wireguard ?? [])].find(({ name }) => name === flow.protectedBy) ?? null;
}

/** True when the flow's protection begins or ends at `node`. */
export function endsAt({ cell }: { cell: CellExperiment }, flow: Flow, node: string): boolean {
  const protection = protectionOf(cell, flow);
  return protection !== null && (protection.initiator === node || protection.responder === node);
}

/** The tunnel whose interface this is; what is captured there is protected as soon as it leaves the node. */
export function tunnelAt(cell: CellExperiment, node: string, name: string): WireguardTunnel | null {
  const mine = ({ initiator, responder }: WireguardTunnel): boolean => initiator === node || responder === node;
  return cell.wireguard?.find((tunnel) => tunnel.name === name && mine(tunnel)) ?? null;
}
