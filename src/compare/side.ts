/** What one run folder says of itself, as far as it can be read: a comparison is wanted most when something is broken. */
import { join, resolve } from 'node:path';
import { KeyRing, loadKeys } from '../pcap/index.ts';
import { loadExperiment, loadRunRecord } from '../report/folder/load.ts';
import { readJsonLines } from '../report/folder/read.ts';
import { eventSchema, MOST_EVENTS } from '../report/folder/schema.ts';
import { RoamlabError } from '../types/errors.ts';
import type { CellExperiment } from '../types/experiment.ts';
import type { EventRecord, ExperimentRecord, RunRecord } from '../types/run.ts';
import { type Analysis, stored } from './facts.ts';
import type { RunSide, Zero } from './types.ts';

export interface Side {
  /** `A` or `B`, for notes */
  name: 'A' | 'B';
  folder: string;
  record: RunRecord | null;
  experiment: ExperimentRecord | null;
  cell: CellExperiment | null;
  events: EventRecord[] | null;
  whole: boolean;
  keys: KeyRing;
  /** facts.json */
  stored: Analysis | null;
}

/**
 * Never throws for what is in the folder: what cannot be read is null and has a note. `whole`: every entry is a regular file; only then
 * are keys read, since a pipe would wait for its writer.
 */
export async function readSide(name: Side['name'], folder: string, whole: boolean, notes: string[]): Promise<Side> {
  const orNull = <T>(reading: Promise<T>): Promise<T | null> => attempt(reading, (why) => notes.push(`${name}: ${why}`));
  const record = await orNull(loadRunRecord(folder));
  const experiment = await orNull(loadExperiment(resolve(folder, '../../..')));
  return {
    name,
    folder,
    record,
    experiment,
    cell: experiment?.cells.find((candidate) => candidate.cell === record?.cell) ?? null,
    events: await orNull(readJsonLines(join(folder, 'events.jsonl'), eventSchema, MOST_EVENTS)),
    whole,
    keys: (whole ? await orNull(loadKeys(folder)) : null) ?? new KeyRing(),
    stored: await orNull(stored(folder)),
  };
}

/** The result, or null and the reason told. Only roamlab's own errors: anything else is a bug. */
export async function attempt<T>(reading: Promise<T>, tell: (why: string) => void): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof RoamlabError)) throw error;
    tell(error.where === undefined ? error.message : `${error.where}: ${error.message}`);
    return null;
  }
}

/** The side as the comparison shows it. `analysis`: the numbers that are shown, when there are any. */
export function describeSide({ folder, record, experiment, events }: Side, analysis: Analysis | null): RunSide {
  return {
    folder: resolve(folder),
    experiment: experiment?.name ?? null,
    cell: record?.cell ?? null,
    run: record?.run ?? null,
    nullEvent: record?.nullEvent ?? null,
    seed: record?.seed ?? null,
    clock: experiment?.provenance.clock ?? null,
    epoch: record?.epoch ?? null,
    flowsStart: record?.flowsStart ?? null,
    zero: zeroOf(record, events, analysis),
    numbers: analysis === null ? null : analysis.input === null ? 'stored' : 'analysed again',
  };
}

/** t0 as the analysis has it; without one the first event, else the start of the flows. */
export function zeroOf(record: RunRecord | null, events: readonly EventRecord[] | null, analysis: Analysis | null): Zero {
  const facts = analysis?.facts;
  if (facts !== undefined && facts.t0 !== null && (record === null || facts.epoch === record.epoch)) {
    return { what: facts.nullEvent ? 'null event' : 'event', t: facts.t0 };
  }
  const first = events?.[0];
  if (first !== undefined) return { what: 'event', t: first.confirmed ?? first.issued };
  return record === null ? { what: 'epoch', t: 0 } : { what: 'start of the flows', t: record.flowsStart };
}
