/**
 * What one run leaves on disk, and what is computed from it. Everything under `results/<experiment>/<id>/` is
 * described here; `analyze` needs nothing else.
 *
 *   experiment.yaml            the file as the user wrote it
 *   experiment.json            ExperimentRecord: resolved cells, seeds, versions, backend
 *   plan.txt                   the plan of the first run of each cell
 *   cells/<cell>/run-001/      one run (null-001/ for the null event)
 *     run.json                 RunRecord
 *     events.jsonl             EventRecord per line
 *     commands.log             every command issued, with exit code and duration
 *     pcap/<node>-<iface>.pcap nanosecond pcap
 *     keys/ikev2_decryption_table, keys/esp_sa   Wireshark's own table formats
 *     keys/csa.json              CsaKeys of the ESP helper's tunnels, both directions of each (types/keys.ts)
 *     log/charon-<node>.log    charon log, each line starts with `<epoch seconds>.<fraction>`
 *     log/xfrm-<node>.txt      the kernel's IPsec policies and SAs when the traffic had ended, without keys
 *     flows/<flow>.jsonl       DeliveryRecord per line, the receiver's log
 *     flows/<flow>.iperf3.json what iperf3's client says of a tcp flow, every 0.1 s
 *     host.json                HostDisturbance (types/host.ts), with the real clock
 *     facts.json               RunFacts
 *   summary.json               Summary
 *   report.html
 */
import type { CellExperiment, MetricName, Role } from './experiment.ts';
import type { HelperStatistics } from './helper.ts';

/** All times in records are CLOCK_REALTIME in nanoseconds since `epoch` (a whole Unix second of the run). */
export type Nanoseconds = number;

export interface EventRecord {
  /** index into timeline; -1 for events that are not mobility events */
  index: number;
  kind: string;
  node: string;
  /** ns since epoch: when the controller wanted it, wrote the command, and first saw the kernel's notification */
  requested: Nanoseconds;
  issued: Nanoseconds;
  confirmed: Nanoseconds | null;
  /** every kernel notification seen for this event, in order */
  notifications: { t: Nanoseconds; what: string }[];
}

/**
 * One line of flows/<flow>.jsonl: [sequence number, sent ns, received ns]. Received is the kernel's rx timestamp of a udp packet, and when
 * the application had read a message of sctp and mptcp. `read`: when the application had read a udp packet, if `CPU` is measured.
 */
export type DeliveryRecord = [seq: number, sent: Nanoseconds, received: Nanoseconds, read?: Nanoseconds];

export interface InterfaceRecord {
  node: string;
  interface: string;
  mac: string;
  addresses: string[];
}

export interface CaptureRecord extends Omit<InterfaceRecord, 'addresses' | 'mac'> {
  /** relative to the run folder */
  file: string;
  captured: number;
  dropped: number;
}

export interface RunRecord {
  cell: string;
  run: number;
  /** a null run has no event; its analysis is the measuring floor */
  nullEvent: boolean;
  seed: number;
  /** Unix second that all `Nanoseconds` of this run count from */
  epoch: number;
  flowsStart: Nanoseconds;
  flowsStop: Nanoseconds;
  /** when a null run would have had its first event; equals the first event's request time else */
  eventDue: Nanoseconds | null;
  interfaces: InterfaceRecord[];
  captures: CaptureRecord[];
  flowsSent: Record<string, number>;
  /** sctp, mptcp: errnos (`ETIMEDOUT`) that ended the association or connection while the flow was on, by flow; absent: none */
  flowErrors?: Record<string, Record<string, number>>;
  /** counters from /proc/net/xfrm_stat that rose during the run, per node */
  xfrmErrors: Record<string, Record<string, number>>;
  /** qdisc drops per shaped interface, `node:iface` */
  qdiscDrops: Record<string, number>;
  /** what the bit-error model let through and took away, `node:iface`; absent: no such link */
  bitErrors?: Record<string, { passed: number; dropped: number }>;
  /** the ESP helpers' own counts, by node; absent: none ran */
  helpers?: Record<string, HelperStatistics>;
  /** null: the run completed */
  error: string | null;
}

export interface Provenance {
  roamlab: string;
  backend: 'netns' | 'vm';
  accelerator: 'native' | 'kvm' | 'tcg';
  /** virtual: guest time counts instructions, see docs in vm/qemu.ts */
  clock: 'real' | 'virtual';
  kernel: string;
  strongswan: string;
  /** nodes with `charon.build: patched` run this one: release, patches, hash */
  patched?: string;
  tools: Record<string, string>;
  /** of the guest's root and kernel */
  image?: string;
  qemu?: string;
  /** virtual clock: instructions per virtual second */
  cpuRate?: number;
  /** virtual clock: hash of image, roamlab's code, QEMU and its settings. Equal, with equal experiment and seed: equal bytes */
  guest?: string;
  host: string;
}

export interface ExperimentRecord {
  format: 1;
  name: string;
  id: string;
  started: string;
  seed: number;
  runs: number;
  /** cells whose intervals were narrow before the last run, and the last one each needed */
  stopped?: Record<string, number>;
  cells: CellExperiment[];
  provenance: Provenance;
}

/** User data over time at the flow's receiver: each octet once, when it first arrived. */
export interface Throughput {
  /** seconds */
  bin: number;
  /** ns since epoch, begin of the first bin; t0 is an edge between bins */
  start: Nanoseconds;
  /** octets per bin */
  octets: number[];
  /** bit/s: mean of the last second before t0 (what there is of it) */
  before: number | null;
  /**
   * seconds from t0 to the begin of the first three bins in a row that reach 90 % of `before`, not before the bin in which an outage of at least
   * one bin ended; if in that one, to the end of the outage; null: never
   */
  recovered: number | null;
  /** octets that were not delivered between t0 and then, compared with `before` */
  missing: number | null;
}

/** How the sender of an SCTP association repaired what was lost, around and after the event. */
export interface Retransmissions {
  /** DATA chunks sent again because T3-rtx expired, and because gap reports said so (RFC 9260 sections 6.3.3, 7.2.4) */
  timeout: number;
  fast: number;
  /** seconds T3-rtx ran each time, in order: from the last transmission of the chunk */
  timers: number[];
}

/** What the sender of an SCTP association waited for until it sent what ended an outage. */
export interface Ruled {
  /**
   * `fast`: for the reports that make a fast retransmission; SACK timer: of the receiver (RFC 9260 section 6.2); window: for the SACK that made
   * room in it; none: for nothing that is known
   */
  what: 'T3-rtx' | 'fast' | 'SACK timer' | 'ARP' | 'window' | 'none';
  /** how long that took; it may have begun before the outage */
  seconds: number;
}

export interface FlowFacts {
  sent: number;
  received: number;
  lost: number;
  duplicated: number;
  reordered: number;
  /** seconds; nominal packet interval */
  interval: number;
  /** what happened around the event (metrics/outage.ts); null when there is no instant to look around */
  outage: 'outage' | 'quiet' | 'not-resumed' | 'silent' | null;
  /** longest gap between deliveries around the event, raw and net of the interval; null when deliveries did not resume */
  stalled: number | null;
  stalledNet: number | null;
  gapStart: Nanoseconds | null;
  gapEnd: Nanoseconds | null;
  /** seconds, median one-way delay before the event */
  oneWayDelay: number | null;
  throughput?: Throughput;
  retransmissions?: Retransmissions;
  /** sctp: null without an outage, or when no capture shows what the sender sent */
  stalledBy?: Ruled | null;
  /** tcp: absent when no capture shows what the sender sent */
  series?: Series;
}

/** What a tcp flow's sender had sent, and its congestion window, over time: one value of each per step, taken at the step's end. */
export interface Series {
  /** ns since epoch: when the first octet of user data left its sender */
  start: Nanoseconds;
  /** seconds */
  step: number;
  /** octets from the first of user data to the highest sequence number sent so far */
  octets: number[];
  /** segments, by iperf3; null: it does not say */
  cwnd: (number | null)[];
}

export interface Gate {
  name:
    | 'complete'
    | 'cleartext'
    | 'capture-drops'
    | 'xfrm-errors'
    | 'handover'
    | 'decrypted'
    | 'receiver-log'
    | 'goodput'
    | 'helpers'
    | 'host';
  ok: boolean;
  /** a failed warning gate does not invalidate the run */
  severity: 'invalid' | 'warning';
  detail: string;
}

export interface LadderEntry {
  t: Nanoseconds;
  /** seconds relative to t0 */
  dt: number;
  kind:
    | 'event'
    | 'roam'
    | 'probe'
    | 'probe-reply'
    | 'update'
    | 'update-reply'
    | 'sa-change'
    | 'last-data'
    | 'first-data'
    | 'ike'
    | 'sctp'
    | 'log';
  label: string;
  /** node names; equal for something that happens inside one node */
  from: string;
  to: string;
  /** ns since epoch, when a message was seen arriving at `to`; absent when it was not */
  arrived?: Nanoseconds;
}

export interface RunFacts {
  cell: string;
  run: number;
  nullEvent: boolean;
  seed: number;
  event: string | null;
  /** ns since epoch */
  t0: Nanoseconds | null;
  epoch: number;
  /** in the unit of stats/metrics.ts; `<name>` or `<name>.<flow>`, `CPU.<node>.<flow>`, `stages.<node>.<stage>`; null = not observed in this run (reason in `notes`) */
  metrics: Record<string, number | null>;
  flows: Record<string, FlowFacts>;
  gates: Gate[];
  valid: boolean;
  notes: string[];
  ladder: LadderEntry[];
}

export interface Quartiles {
  n: number;
  min: number;
  q1: number;
  median: number;
  q3: number;
  max: number;
  /** seeded bootstrap 95 % interval of the median */
  ci95: [number, number];
}

/** `instructions`, `s/packet`: of one packet; `segments`: of a congestion window */
export type Unit = 's' | 'packets' | 'bit/s' | 'instructions' | 'segments' | 's/packet';

/** A cell beside the one that differs only in what protects it. */
export interface Comparison {
  metric: string;
  unit: Unit;
  cell: string;
  baseline: string;
  /** difference of the medians, with a seeded bootstrap 95 % interval; and their ratio, null for a baseline of 0 */
  difference: number;
  /** null: a single value on either side says nothing about how it varies */
  ci95: [number, number] | null;
  ratio: number | null;
  /** values of the side that has fewer; absent in older summaries */
  n?: number;
}

export interface MetricSummary {
  metric: string;
  base: MetricName;
  unit: Unit;
  values: (number | null)[];
  quartiles: Quartiles | null;
  /** same analysis on the null run(s): median, null when it saw nothing */
  floor: number | null;
}

export interface CellNoise {
  /** too noisy: what the numbers spread over is this machine's doing */
  verdict: 'ok' | 'too noisy';
  why: string;
}

export interface CellSummary {
  cell: string;
  values: Record<string, string | number | boolean>;
  runs: number;
  valid: number;
  invalid: { run: number; reasons: string[] }[];
  nullRuns: number;
  /** what the null run reported: true when the analysis saw no outage */
  nullQuiet: boolean;
  /** valid runs (no null runs) that this machine disturbed; they count in every number */
  disturbed: number[];
  /** null: the host was not watched, as with the virtual clock, where it does not matter */
  noise: CellNoise | null;
  metrics: MetricSummary[];
}

/** By name, of the first cell that has it. */
export interface Hosts {
  roles: Record<string, Role>;
  /** size: octets of payload, where all cells agree */
  flows: Record<string, { from: string; to: string; size?: number }>;
  /** id of the paper the cells belong to */
  paper?: string;
}

export interface Summary {
  format: 1;
  experiment: string;
  id: string;
  folder: string;
  provenance: Provenance;
  cells: CellSummary[];
  /** what protection costs: where the matrix varies `security` */
  comparisons?: Comparison[];
  /** where CPU is measured, and absent in older summaries: who a packet's work is done by */
  hosts?: Hosts;
  /** id of the paper the cells belong to, the first one's; absent: none, and in older summaries */
  paper?: string;
}
