/**
 * The runtime experiment: what remains of the YAML once the matrix is expanded, references are checked and
 * units are SI (seconds, bit/s, bytes, probabilities). One `CellExperiment` is one cell of the matrix.
 * The YAML's own types live in `spec/` and are deliberately different types.
 */

export type Role = 'MN' | 'SGW' | 'server' | 'router';

export interface LabInterface {
  name: string;
  kind: 'veth' | 'dummy';
  /** CIDR strings, IPv4 or IPv6. */
  addresses: string[];
  mtu: number;
  /** false: the interface starts administratively down (an `interface-up` event may raise it). */
  up: boolean;
}

export interface LabRoute {
  /** CIDR or `default`. */
  to: string;
  via?: string;
  dev?: string;
  metric?: number;
  /** routing table; left out: main */
  table?: number;
}

/** Packets from this address are routed by this table: what a host needs to use several of its addresses at once. */
export interface LabRule {
  from: string;
  table: number;
}

/** How charon is built and set on a node. What is left out is the daemon's default. */
export interface CharonSettings {
  /** as the distribution ships it, or with the patch series of images/strongswan */
  build: 'stock' | 'patched';
  /** seconds in which kernel events are collected before charon reacts */
  roamDelay?: number;
  /** MOBIKE's path probing before an update */
  probe?: boolean;
  /** seconds between probes */
  probeInterval?: number;
  /** return routability check of a peer's new address: before traffic goes there, after, or not at all */
  rrc?: 'before' | 'after' | 'no';
  maxPaths?: number;
  /** networks peers may move to */
  peerAddresses?: string[];
}

export interface LabNode {
  name: string;
  role?: Role;
  forwarding: boolean;
  interfaces: LabInterface[];
  routes: LabRoute[];
  /** policy routing */
  rules?: LabRule[];
  charon?: CharonSettings;
  snoop?: SnoopSettings;
}

/** One direction of a link. */
export interface Shape {
  /** seconds, one way */
  delay: number;
  /** seconds, standard deviation-like bound given to netem */
  jitter: number;
  /** bit/s; 0 = unlimited */
  rate: number;
  /** probability 0..1 */
  loss: number;
  /** queue length in packets; computed from rate and delay when the file does not say */
  limit: number;
  /** packets with the TOS of minimum delay (0x10) overtake the others where the rate makes them wait; needs a rate */
  priority?: true;
}

export interface LinkEnd {
  node: string;
  interface: string;
}

export interface LabLink {
  name: string;
  ends: [LinkEnd, LinkEnd];
  /** profile name the shapes came from, for reports */
  profile?: string;
  /** shape of frames sent by ends[0], null = unshaped */
  forward: Shape | null;
  /** shape of frames sent by ends[1] */
  backward: Shape | null;
  /** at the ingress of both ends */
  bitErrors?: BitErrors;
}

export interface IpsecConnection {
  name: string;
  initiator: string;
  responder: string;
  /** outer address at start */
  initiatorAddress: string;
  responderAddress: string;
  mode: 'tunnel' | 'transport';
  ike: string;
  esp: string;
  /** inner address the responder assigns to the initiator (tunnel mode) */
  virtualIp?: string;
  /** traffic selectors as CIDR, responder side / initiator side */
  responderNets: string[];
  initiatorNets: string[];
  /** RFC 4555; its extension for several paths and transport mode (docs/mobike-x.md); or none */
  mobility: 'mobike' | 'mobikex' | 'none';
  /** stays on its two addresses whatever happens to them, beside others between the same nodes: one of several dormant paths */
  pinned?: true;
}

/** A WireGuard tunnel: one interface of the same name at both ends. It roams by itself: the responder answers where the last valid packet came from. */
export interface WireguardTunnel {
  name: string;
  initiator: string;
  responder: string;
  /** where the initiator finds the responder at start */
  responderAddress: string;
  port: number;
  /** inner addresses, without prefix length */
  initiatorInner: string;
  responderInner: string;
}

export type ProtectionMode = 'plain' | 'ipsec' | 'mml';

/** Dynamic MML-IPsec (the paper's sections 5.2, 5.5): which packets get which protection. Both ends agree on it beforehand. */
export interface DynamicSettings {
  /** every n-th packet of a flow is sent in mode mml, the others in `otherwise` */
  everyNth: number;
  otherwise: ProtectionMode;
  /** flows that have one mode for all of their packets: the port at either end */
  perFlow: { port: number; mode: ProtectionMode }[];
}

/**
 * A tunnel of the ESP helper (docs/mml-ipsec.md): a TUN interface of the same name at both ends, ESP in zones between them, static keys
 * that follow from the seed. IPv4.
 */
export interface MmlTunnel {
  name: string;
  initiator: string;
  responder: string;
  /** outer addresses */
  initiatorAddress: string;
  responderAddress: string;
  /** inner addresses, without prefix length */
  initiatorInner: string;
  responderInner: string;
  /** of the TUN interfaces */
  mtu: number;
  /** octets of the inner datagram at which zones 2, 3... begin; none: ordinary ESP (RFC 4303) */
  boundaries: number[];
  /** of mlipsec/suites.ts */
  suite: string;
  layout: 'P' | 'C';
  bind: 'none' | 'seq' | 'hdr';
  /** ESP in IP (protocol 50) or in UDP port 4500 (RFC 3948) */
  encapsulation: 'esp' | 'udp';
  /** nodes on the way that have the keys of zone 1 */
  agents: string[];
  dynamic?: DynamicSettings;
  /** faithful: packet by packet; fast: segments of up to 64 KiB between kernel and helper (only with udp) */
  speed: 'faithful' | 'fast';
}

/** A TCP SNOOP agent between fixed hosts and mobile ones (mobile: behind its wireless interface). Times in seconds. */
export interface SnoopSettings {
  /** interface towards the mobile hosts */
  wireless: string;
  maxWindow: number;
  maxConnections: number;
  maxRxmit: number;
  dupThresh: number;
  initialRto: number;
  minRto: number;
  persistTimeout: number;
  garbageTimeout: number;
  /** local retransmissions carry the TOS of minimum delay, which overtakes in a queue with priority */
  priority: boolean;
}

/** Bit errors of a radio: a packet of n octets arrives with probability (1-ber)^(8n). Counted on IP packets; ARP is spared. */
export interface BitErrors {
  /** errors per bit */
  ber: number;
  /** null: follows from the run's seed */
  seed: number | null;
}

/** What both ends' kernels are told about TCP. What is left out is the kernel's default. */
export interface TcpSettings {
  congestion: string;
  sack: boolean;
  timestamps: boolean;
  windowScaling: boolean;
  /** RACK and tail loss probes (RFC 8985), F-RTO (RFC 5682) */
  modernRecovery: boolean;
  ecn: boolean;
  /** octets of each end's socket buffers, pinned; null: the kernel's tuning */
  buffer: number | null;
  /** segments; null: the kernel's */
  initialWindow: number | null;
}

/** SCTP's protocol parameters (RFC 9260 section 16; RFC 7829 for the potentially failed state), as the kernel of both ends gets them. */
export interface SctpSettings {
  /** seconds; whole ms */
  rtoInitial: number;
  rtoMin: number;
  rtoMax: number;
  /** errors of one path, and of the association, that are still tolerated */
  pathMaxRetrans: number;
  associationMaxRetrans: number;
  /** seconds between HEARTBEATs of an idle path, without the RTO the kernel adds */
  heartbeat: number;
  /** errors after which a path is potentially failed and another one is used; null: never (before RFC 7829) */
  pfRetrans: number | null;
  /** seconds a SACK may be held back */
  sackDelay: number;
  /** dynamic addresses (RFC 5061), authenticated (RFC 4895) */
  asconf: boolean;
  /** the kernel announces addresses that come and go by itself */
  autoAsconf: boolean;
}

export interface Flow {
  name: string;
  /** tcp: bulk by iperf3; sctp, mptcp: numbered messages over one association or connection */
  kind: 'udp' | 'tcp' | 'sctp' | 'mptcp';
  from: string;
  to: string;
  /** addresses at the start, when `byRoute` or `answers` lets them change; of sctp and mptcp the primary ones */
  source: string;
  destination: string;
  /** sctp, mptcp: all addresses of each end, the primary one first */
  sources?: string[];
  destinations?: string[];
  /** sctp, mptcp: the node that opens the association or connection; `from` or `to` */
  client?: string;
  sctp?: SctpSettings;
  tcp?: TcpSettings;
  /** where the receiver listens */
  port: number;
  /** udp: each packet leaves from the address its route has; absent: from `source` */
  byRoute?: true;
  /** udp: name of the flow whose latest packet tells where each packet of this one goes; it is sent from that flow's destination */
  answers?: string;
  /** packets per second (udp), messages per second (sctp, mptcp); 0: as fast as the transport takes them */
  rate: number;
  /** payload bytes of a packet or message, at least 32 */
  size: number;
  /** name of the IPsec connection, WireGuard or MML-IPsec tunnel that must protect it, of several the first; null = in clear by intent */
  protectedBy: string | null;
}

/** Kinds whose flows have several addresses at each end, and go both ways over any of them. */
export const isMultihomed = ({ kind }: Pick<Flow, 'kind'>): boolean => kind === 'sctp' || kind === 'mptcp';

export type MobilityEvent =
  | { kind: 'admin-down'; node: string; interface: string }
  | { kind: 'interface-up'; node: string; interface: string }
  | { kind: 'carrier-off'; node: string; interface: string }
  | { kind: 'blackhole'; node: string; interface: string }
  | { kind: 'readdress'; node: string; interface: string; from: string; to: string; routes: LabRoute[] }
  | { kind: 'route-swap'; node: string; remove: LabRoute[]; add: LabRoute[] }
  | SoftHandover
  | MobikeCommand
  | AsconfCommand;

/** A path from `local` is added unless there is one, used once it is confirmed, and the old one removed after `drain` (null: kept). */
export interface SoftHandover {
  kind: 'make-before-break';
  node: string;
  interface: string;
  connection: string;
  local: string;
  /** seconds, whole ones */
  drain: number | null;
}

/** One command to charon (docs/mobike-x.md, section 13). A path is named by its local address. */
export interface MobikeCommand {
  kind: 'mobike';
  node: string;
  connection: string;
  action: 'add' | 'update' | 'remove' | 'probe';
  local: string;
}

/** RFC 5061: an end of an association announces an address, takes one back, or asks to be sent to at one. */
export interface AsconfCommand {
  kind: 'asconf';
  node: string;
  flow: string;
  action: 'add' | 'delete' | 'set-primary';
  /** of the node */
  address: string;
}

export type TimedEvent = MobilityEvent & {
  /** seconds after the flows started */
  at: number;
};

export interface CellExperiment {
  name: string;
  /** e.g. `access=lab-ethernet`; `all` when there is no matrix */
  cell: string;
  /** matrix values of this cell, for tables */
  values: Record<string, string | number | boolean>;
  nodes: LabNode[];
  links: LabLink[];
  ipsec: IpsecConnection[];
  /** absent: none */
  wireguard?: WireguardTunnel[];
  /** absent: none */
  mml?: MmlTunnel[];
  flows: Flow[];
  timeline: TimedEvent[];
  /** seconds from flow start to flow stop */
  duration: number;
  /** metric names asked for */
  measure: MetricName[];
  /** interfaces captured */
  captures: LinkEnd[];
  /** paper id the cell belongs to (data in papers/), if any */
  paper?: string;
}

export const METRICS = [
  'T_IKE',
  'T_SCTP',
  'T_SYS',
  'T_RC',
  'T_UPDATE',
  'T_STALLED',
  'T_SWITCH',
  'T_RECOVER',
  'loss',
  'retransmitted',
  'throughput',
  'goodput',
  'cwnd',
  'stages',
  'CPU',
] as const;
export type MetricName = (typeof METRICS)[number];
/** Counting instructions needs a stamp more per packet, timing the helper's stages two per stage. */
const ASKED: readonly MetricName[] = ['CPU', 'stages'];
/** What is measured when the file does not say. */
export const DEFAULT_METRICS: readonly MetricName[] = METRICS.filter((name) => !ASKED.includes(name));
