/** Between which two nodes a flow is protected: those of its IPsec connection or tunnel. */
import type { CellExperiment, Flow } from '../types/experiment.ts';
import { tunnelsOf } from './tunnels.ts';

export interface Protection {
  name: string;
  initiator: string;
  responder: string;
}

/** Null for a flow in clear by intent, and for one whose protection the cell does not have. */
export function protectionOf(cell: CellExperiment, flow: Flow): Protection | null {
  if (flow.protectedBy === null) return null;
  return [...cell.ipsec, ...tunnelsOf(cell)].find(({ name }) => name === flow.protectedBy) ?? null;
}

/** True when the flow's protection begins or ends at `node`. */
export function endsAt({ cell }: { cell: CellExperiment }, flow: Flow, node: string): boolean {
  const protection = protectionOf(cell, flow);
  return protection !== null && (protection.initiator === node || protection.responder === node);
}
