/** What the helper's main thread and its worker threads say to each other. Each command is answered once. */
import type { AgentStatistics, HelperAgent, HelperTunnel, TunnelKeys, TunnelStatistics } from '../types/helper.ts';
import type { CsaKeys } from '../types/keys.ts';
import type { StageSamples } from './stages.ts';

/** Descriptors of one end of a tunnel; several threads may use them. */
export interface EndDescriptors {
  tun: number;
  /** raw socket for IPv4 packets with their header */
  raw: number;
  /** where ESP arrives: a raw socket of protocol 50, or a UDP socket, which with `fast` also sends */
  esp: number;
  /** where packets without protection arrive (IP in IP), if there may be any */
  plain: number | null;
}

/** out: from the TUN interface to the network; in: the reverse; both: one thread for either */
export type EndRole = 'out' | 'in' | 'both';

export type Job = { wake: number; profile: boolean } & (
  | { kind: 'end'; role: EndRole; tunnel: HelperTunnel; fds: EndDescriptors }
  | { kind: 'agent'; agent: HelperAgent; tun: number }
);

export interface AgentKeys {
  csas: CsaKeys[];
  writer: number;
}

export type Command = { do: 'keys'; tunnel: TunnelKeys } | { do: 'agent-keys'; agent: AgentKeys } | { do: 'statistics' } | { do: 'stop' };

/** One thread's share of the helper's statistics. */
export interface Share {
  tunnel?: { name: string } & Partial<TunnelStatistics>;
  agent?: AgentStatistics;
  stages: Record<string, StageSamples>;
}

export type Reply = { did: 'ready' | 'keys' | 'stopped' } | { did: 'statistics'; share: Share } | { did: 'failed'; message: string };
