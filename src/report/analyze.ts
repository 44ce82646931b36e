/**
 * From a results folder to numbers, from its files alone: facts.json beside each run, then summary.json and report.html.
 * A run whose files cannot be read becomes an invalid run with the reason; the others do not suffer from it.
 */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { analyseRun } from '../metrics/index.ts';
import { summarise } from '../stats/index.ts';
import { RoamlabError } from '../types/errors.ts';
import type { ExperimentRecord, RunFacts, Summary } from '../types/run.ts';
import { loadExperiment, loadRunFolder, loadRunRecord } from './folder/load.ts';
import { type RunFolder, runFolders } from './folder/runs.ts';
import { renderHtml } from './html/index.ts';
import type { ReportRun } from './html/types.ts';
import { strangers, unreadable } from './unreadable.ts';

export interface AnalyzeOptions {
  /** called after each run */
  onProgress?: (done: number, total: number, folder: string, facts: RunFacts) => void;
}

/** Analyses one run folder and writes its facts.json. Throws E_FOLDER_*, E_PCAP_*, E_KEYS_* naming the file. */
export async function analyzeRun(folder: string, experiment?: ExperimentRecord): Promise<RunFacts> {
  const facts = analyseRun(await loadRunFolder(folder, experiment));
  await writeJson(join(folder, 'facts.json'), facts);
  return facts;
}

/** Analyses all runs of a results folder and writes facts, summary and report. Throws when experiment.json is unusable. */
export async function analyzeExperiment(results: string, options: AnalyzeOptions = {}): Promise<Summary> {
  const record = await loadExperiment(results);
  const folders = await runFolders(results);
  const runs: ReportRun[] = [];
  for (const folder of folders) {
    const facts = await analyzeOrExplain(folder, record);
    const captures = await loadRunRecord(folder.path).then(
      (run) => run.captures.map((capture) => capture.file),
      () => [],
    );
    runs.push({ facts, folder: folder.name, captures });
    options.onProgress?.(runs.length, folders.length, folder.name, facts);
  }
  const facts = runs.map((run) => run.facts);
  const summary = summarise(record, facts, resolve(results));
  summary.cells.push(...strangers(record, facts));
  await writeJson(join(results, 'summary.json'), summary);
  await writeFile(join(results, 'report.html'), await renderHtml({ record, summary, runs }));
  return summary;
}

async function analyzeOrExplain(folder: RunFolder, record: ExperimentRecord): Promise<RunFacts> {
  try {
    return await analyzeRun(folder.path, record);
  } catch (error) {
    if (!(error instanceof RoamlabError)) throw error;
    const facts = await unreadable(folder, record, error);
    await writeJson(join(folder.path, 'facts.json'), facts);
    return facts;
  }
}

function writeJson(path: string, value: unknown): Promise<void> {
  return writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
