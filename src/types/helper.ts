/**
 * What a run and the ESP/SNOOP helper of a node say to each other: one JSON object per line over a Unix socket, each request answered
 * once and in order. The helper is started and opened with the lab, when no key is known; keys come with the run.
 */
import type { DynamicSettings, SnoopSettings } from './experiment.ts';
import type { CsaKeys } from './keys.ts';

/** One end of a tunnel: a TUN interface that the helper makes and brings up. */
export interface HelperTunnel {
  /** name of the tunnel and of its TUN interface */
  name: string;
  mode: 'tunnel' | 'transport';
  /** outer addresses */
  local: string;
  remote: string;
  /** inner addresses (CIDR) this end sends from, and the other one; what arrives must fit them */
  localInner: string;
  remoteInner: string;
  mtu: number;
  encapsulation: 'esp' | 'udp';
  speed: 'faithful' | 'fast';
  dynamic: DynamicSettings | null;
}

/** A foreign agent: policy routing hands it packets through a TUN interface, and it hands them back. */
export interface HelperAgent {
  /** name of its TUN interface */
  tun: string;
  /** without: zone 1 is opened and counted, and that is all */
  snoop: SnoopSettings | null;
  /** inner or clear addresses (CIDR) of the mobile hosts: data towards them is cached */
  mobile: string[];
  /** tunnels whose ends agreed on packets without protection, IP in IP: only these count as theirs */
  plain: AgentPlain[];
}

/** What an agent knows of such a tunnel. */
export interface AgentPlain {
  /** outer addresses */
  ends: [string, string];
  /** inner addresses (CIDR) of the same ends */
  inner: [string, string];
  dynamic: DynamicSettings;
}

/** What a node's helper does; nothing of it depends on the run. */
export interface HelperSetup {
  tunnels: HelperTunnel[];
  agent: HelperAgent | null;
  /** times every stage of every packet (metric `stages`) */
  profile: boolean;
}

/** Keys of one tunnel at one end. `ipsec`: the ordinary SAs of dynamic mode, else null. */
export interface TunnelKeys {
  tunnel: string;
  send: CsaKeys;
  receive: CsaKeys;
  ipsec: { send: CsaKeys; receive: CsaKeys } | null;
}

export type HelperRequest =
  /** makes interfaces, sockets and threads, and warms them up */
  | { do: 'open'; setup: HelperSetup }
  /** packets flow from now on; `agent`: composite SAs with the keys of zone 1 only, `writer`: of IVs this agent may write */
  | { do: 'keys'; tunnels: TunnelKeys[]; agent: { csas: CsaKeys[]; writer: number } | null }
  | { do: 'statistics' }
  /** wipes keys, closes everything and ends the process once it has answered */
  | { do: 'stop' };

export type HelperAnswer = { ok: true; statistics?: HelperStatistics } | { ok: false; code: string; message: string };

/** Counts of packets by what became of them; what was refused by mlipsec's reason. */
export interface TunnelStatistics {
  /** packets read from the TUN interface, sent, and their octets: inner and of the IP packets on the wire */
  out: { packets: number; innerOctets: number; wireOctets: number; byMode: Record<string, number>; refused: Record<string, number> };
  in: { packets: number; innerOctets: number; wireOctets: number; byMode: Record<string, number>; refused: Record<string, number> };
}

export interface AgentStatistics {
  forwarded: number;
  /** zone 1 was opened */
  opened: number;
  /** no known SPI, no TCP, fragments, options: forwarded unread */
  passed: number;
  /** zone 1 was refused, by reason: dropped */
  refused: Record<string, number>;
  suppressed: number;
  retransmitted: number;
  /** of snoop/statistics.ts */
  snoop: Record<string, number> | null;
}

/** Seconds one stage took: of all packets that went through it. */
export interface StageTime {
  packets: number;
  total: number;
  median: number;
  max: number;
}

export interface HelperStatistics {
  tunnels: Record<string, TunnelStatistics>;
  agent: AgentStatistics | null;
  /** by name (`seal`, `open`, `open zone 1`, `snoop`...), with `profile` */
  stages: Record<string, StageTime>;
}
