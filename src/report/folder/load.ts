/** A run folder as the input of metrics/: every file read, every capture decoded with the run's own keys. */
import { access } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { HOST_FILE } from '../../host/disturbance/index.ts';
import type { CaptureInput, MetricInput } from '../../metrics/index.ts';
import { decodeFrames, type KeyRing, loadKeys, readCapture } from '../../pcap/index.ts';
import { RoamlabError } from '../../types/errors.ts';
import type { CellExperiment } from '../../types/experiment.ts';
import type { HostDisturbance } from '../../types/host.ts';
import type { CaptureRecord, ExperimentRecord, RunRecord } from '../../types/run.ts';
import { parseCharonLog } from './charon-log.ts';
import { parseIperf3 } from './iperf3.ts';
import { cellFolder, runName } from './names.ts';
import { inside, readJson, readJsonLines, readText, requireFile } from './read.ts';
import { deliverySchema, eventSchema, experimentSchema, hostSchema, MOST_DELIVERIES, MOST_EVENTS, runSchema } from './schema.ts';

/** `experiment.json` of a results folder. Throws E_FOLDER_*. */
export function loadExperiment(results: string): Promise<ExperimentRecord> {
  return readJson(join(results, 'experiment.json'), experimentSchema);
}

/** `run.json` of a run folder. Throws E_FOLDER_*. */
export function loadRunRecord(folder: string): Promise<RunRecord> {
  return readJson(join(folder, 'run.json'), runSchema);
}

/**
 * Everything analysis needs of one run. `experiment` is read from three levels up when not given. Throws E_FOLDER_*
 * (E_FOLDER_PLACE: run.json speaks of another cell or number), E_PCAP_*, E_KEYS_*, each with the file's name.
 */
export async function loadRunFolder(folder: string, experiment?: ExperimentRecord): Promise<MetricInput> {
  const { cells, provenance } = experiment ?? (await loadExperiment(resolve(folder, '../../..')));
  const run = await loadRunRecord(folder);
  const cell = cells.find((candidate) => candidate.cell === run.cell);
  if (cell === undefined) {
    throw new RoamlabError('E_FOLDER_CELL', 2, `the experiment has no cell ${JSON.stringify(run.cell)}`, {
      where: join(folder, 'run.json'),
    });
  }
  requirePlace(folder, run);
  const log = join(folder, 'events.jsonl');
  const events = (await exists(log)) ? await readJsonLines(log, eventSchema, MOST_EVENTS) : [];
  const keys = await loadKeys(folder);
  const captures: CaptureInput[] = [];
  for (const capture of run.captures) captures.push(await loadCapture(folder, run, capture, keys));
  return {
    ...{ cell, run, events, captures },
    logs: await loadLogs(folder, cell, run.epoch),
    deliveries: await loadDeliveries(folder, cell),
    ...(await loadBulk(folder, cell)),
    ...(provenance.clock === 'real' ? await loadHost(folder) : {}),
    ...(provenance.clock === 'virtual' && provenance.cpuRate !== undefined ? { cpuRate: provenance.cpuRate } : {}),
  };
}

/** A run is counted where its folder stands; a copy put elsewhere must not count as another run. */
function requirePlace(folder: string, run: RunRecord): void {
  const claimed = `${cellFolder(run)}/${runName(run.run, run.nullEvent)}`;
  const path = resolve(folder);
  if (`${basename(dirname(path))}/${basename(path)}` === claimed) return;
  throw new RoamlabError('E_FOLDER_PLACE', 2, `the record is of another folder, cells/${claimed}`, { where: join(folder, 'run.json') });
}

async function loadCapture(folder: string, run: RunRecord, record: CaptureRecord, keys: KeyRing): Promise<CaptureInput> {
  const path = inside(folder, record.file);
  await requireFile(path);
  const { frames, truncated } = await readCapture(path, { epoch: run.epoch });
  const owner = run.interfaces.find(({ node, interface: name }) => node === record.node && name === record.interface);
  return {
    node: record.node,
    interface: record.interface,
    mac: owner?.mac.toLowerCase() ?? '',
    packets: decodeFrames(frames, keys),
    ...(truncated ? { damaged: `${basename(record.file)} is cut short` } : {}),
  };
}

async function loadLogs(folder: string, cell: CellExperiment, epoch: number): Promise<MetricInput['logs']> {
  const logs: MetricInput['logs'] = [];
  for (const { name } of cell.nodes) {
    const path = inside(folder, `log/charon-${name}.log`);
    if (await exists(path)) logs.push({ node: name, lines: parseCharonLog(await readText(path), epoch) });
  }
  return logs;
}

/** Runs of earlier versions have none. */
async function loadHost(folder: string): Promise<{ host?: HostDisturbance }> {
  const path = join(folder, HOST_FILE);
  return (await exists(path)) ? { host: await readJson(path, hostSchema) } : {};
}

async function loadDeliveries(folder: string, cell: CellExperiment): Promise<MetricInput['deliveries']> {
  const deliveries: MetricInput['deliveries'] = {};
  for (const { name } of cell.flows) {
    const path = inside(folder, `flows/${name}.jsonl`);
    if (await exists(path)) deliveries[name] = await readJsonLines(path, deliverySchema, MOST_DELIVERIES);
  }
  return deliveries;
}

/** Absent without a flow that has one. */
async function loadBulk(folder: string, cell: CellExperiment): Promise<Pick<MetricInput, 'bulk'>> {
  const bulk: NonNullable<MetricInput['bulk']> = {};
  for (const { name } of cell.flows.filter(({ kind }) => kind === 'tcp')) {
    const path = inside(folder, `flows/${name}.iperf3.json`);
    if (await exists(path)) bulk[name] = parseIperf3(await readText(path));
  }
  return Object.keys(bulk).length === 0 ? {} : { bulk };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
