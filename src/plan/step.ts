/**
 * Steps: what a run does, as data. The planner makes them, `run/` executes them, `plan` prints them as commands a
 * reader can paste. A step holds no logic and nothing that differs between two executions of the same plan.
 */
import type { LinkRequest } from '../host/rtnetlink.ts';
import type { Setting } from '../host/sysctl.ts';
import type {
  CharonSettings,
  Flow,
  LinkEnd,
  MmlTunnel,
  MobikeCommand,
  Shape,
  SoftHandover,
  TimedEvent,
  WireguardTunnel,
} from '../types/experiment.ts';
import type { HelperSetup } from '../types/helper.ts';

export type Phase = 'lab' | 'ipsec' | 'capture' | 'connect' | 'traffic' | 'events' | 'finish';

export type Action =
  /** creates the lab's namespaces; everything later happens inside them */
  | { do: 'open' }
  /** one `ip -batch -` or `tc -batch -` process; node null = the lab's own namespace; family: `ip -6` */
  | { do: 'batch'; tool: 'ip' | 'tc'; node: string | null; lines: string[]; family?: 6 }
  /** the three steps every node needs: done by this process inside the namespace, printed as the commands that do the same */
  | { do: 'settings'; node: string; settings: Setting[] }
  | { do: 'offloads'; node: string; devices: string[] }
  | { do: 'links'; node: string; requests: LinkRequest[] }
  /** tc as the kernel reports it must show these shapes, or the run fails */
  | { do: 'verify-shape'; node: string; expect: ExpectedShape[] }
  /** a /run of its own for a node with daemons */
  | { do: 'private-run'; node: string }
  | { do: 'write'; node: string; path: string; mode: number; content: string }
  | { do: 'capture'; end: LinkEnd; argv: string[]; file: string }
  | { do: 'charon'; node: string; build: CharonSettings['build']; argv: string[]; env: Record<string, string>; socket: string }
  | { do: 'load'; node: string; file: string }
  | { do: 'initiate'; node: string; connection: string }
  /** keys, peer and port of a node's end of a tunnel whose interface is there already */
  | { do: 'wireguard'; node: string; tunnel: WireguardTunnel }
  /** the ESP/SNOOP helper of a node: started, and its interfaces made (types/helper.ts) */
  | { do: 'helper'; node: string; socket: string; setup: HelperSetup }
  /** keys of this run for the tunnels that end here and those the node is an agent of */
  | { do: 'helper-keys'; node: string; tunnels: MmlTunnel[]; agentOf: MmlTunnel[]; writer: number }
  /** bit errors at this interface's ingress */
  | { do: 'bit-errors'; end: LinkEnd; ber: number; seed: number }
  /** all flows of the run; a flow's index is its place in the list */
  | { do: 'flows'; flows: Flow[] }
  /** rewrites charon's settings without the key log and reloads them, so that logging keys costs the handover nothing */
  | { do: 'quiet'; node: string; path: string; mode: number; content: string }
  | { do: 'arm'; node: string }
  | { do: 'event'; event: TimedEvent; index: number; batches: EventBatch[] }
  /** commands to charon instead of to the kernel */
  | { do: 'control'; event: TimedEvent & (SoftHandover | MobikeCommand); index: number }
  /** seconds after the flows started, or from now */
  | { do: 'wait'; seconds: number; from: 'flow-start' | 'now' }
  /** stop captures, read counters, logs and keys, end the lab */
  | { do: 'collect' };

/** `burst`: octets of tbf's bucket, where there is one. */
export interface ExpectedShape {
  dev: string;
  shape: Shape;
  burst?: number;
}

/** The commands of one mobility event on one node: one process, in this order. */
export interface EventBatch {
  node: string;
  tool: 'ip' | 'tc';
  lines: string[];
}

export type Step = Action & { phase: Phase; title: string };

/** Steps of one group have no order among themselves and run side by side; groups run one after the other. */
export type Plan = Step[][];

export interface PlanOptions {
  seed: number;
  /** netem takes a `seed` (iproute2 6.6 and kernel 6.6 or newer) */
  netemSeed: boolean;
  /** a null run has no events */
  nullEvent: boolean;
  /** secret of each connection; the printed plan shows a placeholder */
  psk: (connection: string) => string;
}
