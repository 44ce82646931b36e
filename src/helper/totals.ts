/** The helper's statistics from the shares of its threads. */
import type { HelperStatistics, TunnelStatistics } from '../types/helper.ts';
import type { Share } from './protocol.ts';
import { mergeSamples, noSamples, type StageSamples, stageTime } from './stages.ts';

export const noPackets = (): TunnelStatistics['out'] => ({ packets: 0, innerOctets: 0, wireOctets: 0, byMode: {}, refused: {} });

interface Sum {
  tunnels: HelperStatistics['tunnels'];
  agent: HelperStatistics['agent'];
  stages: Map<string, StageSamples>;
}

export const noStatistics = (tunnels: string[]): Sum => ({
  tunnels: Object.fromEntries(tunnels.map((name) => [name, { out: noPackets(), in: noPackets() }])),
  agent: null,
  stages: new Map(),
});

export function addShare(sum: Sum, { tunnel, agent, stages }: Share): void {
  if (agent !== undefined) sum.agent = agent;
  if (tunnel !== undefined) {
    const known = sum.tunnels[tunnel.name];
    if (known !== undefined) Object.assign(known, tunnel.out && { out: tunnel.out }, tunnel.in && { in: tunnel.in });
  }
  for (const [name, samples] of Object.entries(stages)) {
    const known = sum.stages.get(name) ?? noSamples();
    sum.stages.set(name, known);
    mergeSamples(known, samples);
  }
}

export const total = ({ tunnels, agent, stages }: Sum): HelperStatistics => ({
  tunnels,
  agent,
  stages: Object.fromEntries([...stages].map(([name, samples]) => [name, stageTime(samples)])),
});
