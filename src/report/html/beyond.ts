/** What no paper measured must not look as if one had: cells and flows that an experiment about a paper has besides. */
import type { CellExperiment } from '../../types/experiment.ts';
import { html, type Markup } from './markup.ts';

/** `WireGuard, MPTCP (records)`; null for a cell that belongs to no paper, or has nothing that is not in it. */
export function beyondPaper(cell: CellExperiment | undefined): string | null {
  if (cell?.paper === undefined) return null;
  const mptcp = cell.flows.filter(({ kind }) => kind === 'mptcp').map(({ name }) => name);
  const what = [...(isWireguard(cell) ? ['WireGuard'] : []), ...(mptcp.length === 0 ? [] : [`MPTCP (${mptcp.join(', ')})`])];
  return what.length === 0 ? null : what.join(', ');
}

/** Whether one flow of the cell is; without a flow, whether all of the cell is. */
export function isBeyond(cell: CellExperiment | undefined, flow?: string): boolean {
  if (cell?.paper === undefined) return false;
  return isWireguard(cell) || cell.flows.some(({ name, kind }) => name === flow && kind === 'mptcp');
}

/** The label; nothing for null. */
export function beyondTag(what: string | null): Markup | null {
  return what === null ? null : html` <span class="tag">beyond the paper: ${what}</span>`;
}

function isWireguard({ values, wireguard }: CellExperiment): boolean {
  return values.security === 'wireguard' || (wireguard ?? []).length > 0;
}
