/** A run's numbers: as facts.json has them, or computed again from the other files, without writing anything. */
import { join } from 'node:path';
import { z } from 'zod';
import { analyseRun, type MetricInput } from '../metrics/index.ts';
import { loadRunFolder } from '../report/folder/load.ts';
import { readJson } from '../report/folder/read.ts';
import type { LadderEntry, RunFacts } from '../types/run.ts';

export type Facts = Pick<RunFacts, 'event' | 'nullEvent' | 't0' | 'epoch' | 'metrics' | 'ladder'>;

export interface Analysis {
  facts: Facts;
  /** what they were computed from; null when they were only read */
  input: MetricInput | null;
}

/** far beyond what a run has */
const MOST_STEPS = 100_000;
const MOST_METRICS = 10_000;

const KINDS = [
  'event',
  'roam',
  'probe',
  'probe-reply',
  'update',
  'update-reply',
  'sa-change',
  'last-data',
  'first-data',
  'ike',
  'sctp',
  'log',
];

const entrySchema = z.looseObject({
  t: z.number(),
  dt: z.number(),
  kind: z.enum(KINDS as [LadderEntry['kind'], ...LadderEntry['kind'][]]),
  label: z.string(),
  from: z.string(),
  to: z.string(),
  arrived: z.number().optional(),
});

const factsSchema = z.looseObject({
  event: z.string().nullable(),
  nullEvent: z.boolean(),
  t0: z.number().nullable(),
  epoch: z.number(),
  metrics: z
    .record(z.string(), z.number().nullable())
    .refine((metrics) => Object.keys(metrics).length <= MOST_METRICS, `more than ${MOST_METRICS} metrics`),
  ladder: z.array(entrySchema).max(MOST_STEPS),
}) as unknown as z.ZodType<Facts>;

/** `facts.json`. Throws E_FOLDER_*. */
export async function stored(folder: string): Promise<Analysis> {
  return { facts: await readJson(join(folder, 'facts.json'), factsSchema), input: null };
}

/** The whole analysis again. Throws E_FOLDER_*, E_PCAP_*, E_KEYS_*. */
export async function computed(folder: string): Promise<Analysis> {
  const input = await loadRunFolder(folder);
  return { facts: analyseRun(input), input };
}
