/** What a comparison of two runs says. Plain data: `--json` prints it as it is, `renderComparison` turns it into text. */
import type { EventRecord, LadderEntry, Nanoseconds, Unit } from '../types/run.ts';

/**
 * bytes: the runs should be equal to the octet, and the first place where they are not is what matters.
 * event: they were never meant to be equal; what happened is laid side by side, counted from the event.
 */
export type View = 'bytes' | 'event';

/** What times of a run are counted from. `null event`: when the event of a null run was due. */
export interface Zero {
  what: 'event' | 'null event' | 'start of the flows' | 'epoch';
  /** ns since the run's epoch */
  t: Nanoseconds;
}

/** One of the two runs; null for what its files do not tell. */
export interface RunSide {
  folder: string;
  experiment: string | null;
  cell: string | null;
  run: number | null;
  nullEvent: boolean | null;
  seed: number | null;
  clock: 'real' | 'virtual' | null;
  epoch: number | null;
  flowsStart: Nanoseconds | null;
  zero: Zero;
  /** where metrics and steps are from: facts.json as it lies there, or the other files analysed again */
  numbers: 'stored' | 'analysed again' | null;
}

export interface FileState {
  size: number;
  /** hex; null for what is no regular file and therefore not read */
  sha256: string | null;
}

export interface FileComparison {
  /** relative to the run folder, with `/` */
  path: string;
  status: 'equal' | 'differs' | 'only-a' | 'only-b';
  a: FileState | null;
  b: FileState | null;
}

/** Octets of a file or a packet, from `at` on. */
export interface Excerpt {
  at: number;
  hex: string;
}

export interface PacketSide {
  /** ns since this run's epoch, and seconds since its zero */
  t: Nanoseconds;
  dt: number;
  /** octets on the wire, and how many of them are in the file */
  length: number;
  captured: number;
  summary: string;
  excerpt: Excerpt | null;
}

/** The first packet of a capture that is not the same in both runs. */
export interface PacketDifference {
  file: string;
  /** as Wireshark counts, from 1 */
  number: number;
  /** null: this run has no such packet; `ends` says why */
  a: PacketSide | null;
  b: PacketSide | null;
  ends: { a: string | null; b: string | null };
  /** `time` alone: every octet of the packet is the same */
  differs: ('time' | 'length' | 'captured' | 'link type' | 'octets' | 'presence')[];
  /** ns by which b is later: on the clock of the captures when both runs have the same epoch, else each from its zero. null: a side is missing */
  later: Nanoseconds | null;
  /**
   * when time alone differs, and both runs have the same epoch: in how many packets from here on, by how much at most, and which packet ends that, because more than its
   * time differs (null: none in the whole capture)
   */
  drift: { packets: number; most: Nanoseconds; until: number | null } | null;
  /** first differing octet of the packet, from 0, and the header it is in */
  offset: number | null;
  within: string | null;
}

export interface EventDifference {
  /** line of events.jsonl, from 1 */
  line: number;
  /** the first field that differs, e.g. `notifications[2].t`; null when a side has no such event */
  field: string | null;
  a: EventRecord | null;
  b: EventRecord | null;
  /** ns by which b is later, when the field is a time; counted like a packet's */
  later: Nanoseconds | null;
}

/** Part of a line around the first difference: `text` starts at octet `from` of the line. */
export interface LinePart {
  text: string;
  from: number;
}

/** The first difference of a file that is not a capture, or of a capture whose packets are all the same. */
export interface FileDifference {
  file: string;
  /** first differing octet, from 0 */
  offset: number;
  /** what the file is; `a` and `b` are null where the file has ended */
  content:
    | { kind: 'text'; line: number; a: LinePart | null; b: LinePart | null }
    | { kind: 'octets'; a: Excerpt | null; b: Excerpt | null };
  /** what else there is to say, e.g. why the file cannot be read as a capture */
  note: string | null;
}

export interface BytesDifference {
  /** one per capture that differs, first in time first */
  packets: PacketDifference[];
  event: EventDifference | null;
  files: FileDifference[];
}

/** One step of the handover in both runs; the n-th of its kind in one stands beside the n-th in the other. */
export interface LadderRow {
  kind: LadderEntry['kind'];
  /** the step without numbers that change from run to run */
  step: string;
  from: string;
  to: string;
  a: LadderEntry | null;
  b: LadderEntry | null;
  /** seconds, b minus a; null when a side is missing */
  difference: number | null;
}

export interface CountRow {
  capture: string;
  kind: string;
  /** packets; null when this run has no such capture */
  a: number | null;
  b: number | null;
}

export interface EventAlignment {
  ladder: LadderRow[];
  /** null when a run's captures could not be read */
  packets: CountRow[] | null;
}

export interface MetricRow {
  metric: string;
  unit: Unit;
  a: number | null;
  b: number | null;
  /** b minus a */
  difference: number | null;
}

export interface Comparison {
  format: 1;
  a: RunSide;
  b: RunSide;
  /** every file of either run is in the other, octet by octet */
  identical: boolean;
  view: View;
  /** why this view, in one line */
  why: string;
  /** what was not the same when the two were made: versions, machines */
  circumstances: { what: string; a: string | null; b: string | null }[];
  files: FileComparison[];
  /** view bytes, unless identical */
  bytes: BytesDifference | null;
  /** view event, unless identical; null also when neither run tells what happened */
  event: EventAlignment | null;
  /** null when a run has no numbers */
  metrics: MetricRow[] | null;
  /** what could not be read or compared, and why */
  notes: string[];
}
