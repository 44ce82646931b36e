/** What the kernel must offer for an experiment, in the words of the host probes. */
import type { CellExperiment } from '../types/experiment.ts';

/** Sorted, without repetition. */
export function featuresOf(cells: CellExperiment[]): string[] {
  const features = new Set(['netns']);
  for (const cell of cells) {
    if (cell.links.length > 0) features.add('veth');
    if (cell.links.some((link) => link.forward !== null || link.backward !== null)) features.add('netem');
    if (cell.nodes.some((node) => node.interfaces.some((one) => one.kind === 'dummy'))) features.add('dummy');
    for (const { kind } of cell.flows) if (kind === 'sctp' || kind === 'mptcp') features.add(kind);
    if (cell.wireguard !== undefined && cell.wireguard.length > 0) features.add('wireguard');
    // helpers make TUN interfaces, at agents too
    if ((cell.mml ?? []).length > 0 || cell.nodes.some(({ snoop }) => snoop !== undefined)) features.add('tun');
    if (cell.links.some(({ bitErrors }) => bitErrors !== undefined)) features.add('xdp');
    if (cell.links.some(({ forward, backward }) => forward?.priority || backward?.priority)) features.add('tbf');
    for (const connection of cell.ipsec) {
      features.add('xfrm');
      features.add(connection.initiatorAddress.includes(':') ? 'esp6' : 'esp4');
    }
  }
  return [...features].sort();
}
