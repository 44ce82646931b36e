/**
 * One run: carries out the plan of a cell on this kernel and leaves a run folder. The same code runs on the host (netns
 * backend) and inside the guest (vm backend).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Capabilities } from '../host/capabilities.ts';
import type { Plan, Step } from '../plan/step.ts';
import { macOf } from '../plan/topology.ts';
import { RoamlabError } from '../types/errors.ts';
import type { CellExperiment } from '../types/experiment.ts';
import type { RunRecord } from '../types/run.ts';
import { bitErrorCounts } from './bit-errors.ts';
import { type Instruments, RunContext, type RunMoment, type RunRequest } from './context.ts';
import { keepLogs, readSad, xfrmCounters } from './finish.ts';
import { flowErrors } from './flow-errors.ts';
import { handlers } from './steps.ts';

async function carryOut(context: RunContext, step: Step, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const handler = handlers[step.do] as (c: RunContext, s: Step, signal: AbortSignal) => Promise<void>;
  await handler(context, step, signal);
}

/** IKE is done, nothing has moved yet: the keys and counters everything later is compared with. */
async function settled(context: RunContext): Promise<void> {
  await readSad(context);
  for (const node of context.charons.keys()) context.xfrmBefore[node] = xfrmCounters(context, node);
}

function record(context: RunContext, error: string | null): RunRecord {
  const { cell, moment } = context;
  const first = cell.timeline[0];
  return {
    cell: cell.cell,
    ...moment,
    epoch: context.epoch,
    flowsStart: context.flowsStart,
    flowsStop: context.flowsStop,
    eventDue: first === undefined ? null : context.flowsStart + first.at * 1e9,
    interfaces: cell.nodes.flatMap((n) =>
      n.interfaces.map((i) => ({
        node: n.name,
        interface: i.name,
        mac: macOf({ node: n.name, interface: i.name }),
        addresses: i.addresses,
      })),
    ),
    captures: context.captures.map((c) => c.record),
    flowsSent: Object.fromEntries(context.flows.map((f) => [f.name, f.sent])),
    ...flowErrors(cell.flows, context.flows),
    xfrmErrors: context.xfrmErrors,
    qdiscDrops: context.qdiscDrops,
    ...bitErrorCounts(context),
    ...(Object.keys(context.helperStatistics).length === 0 ? {} : { helpers: context.helperStatistics }),
    error,
  };
}

/** The record of a run that never got to the end of its plan, in a folder of its own. */
export function failedRecord(request: RunRequest, error: string): RunRecord {
  const { cell, run, nullEvent, seed } = request;
  const result: RunRecord = {
    ...{ cell: cell.cell, run, nullEvent, seed, error },
    epoch: Math.floor(Date.now() / 1000),
    flowsStart: 0,
    flowsStop: 0,
    eventDue: null,
    interfaces: [],
    captures: [],
    flowsSent: {},
    xfrmErrors: {},
    qdiscDrops: {},
  };
  mkdirSync(request.folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(request.folder, 'run.json'), `${JSON.stringify(result, null, 1)}\n`);
  return result;
}

export interface Surroundings {
  capabilities: Capabilities;
  instruments: Instruments;
  signal: AbortSignal;
  onStep?: (step: Step) => void;
}

async function carryOutAll(context: RunContext, plan: Plan, { signal, onStep }: Surroundings): Promise<void> {
  for (const group of plan) {
    for (const step of group) onStep?.(step);
    await Promise.all(group.map((step) => carryOut(context, step, signal)));
    if (group.some((s) => s.do === 'quiet')) await settled(context);
  }
}

async function endRun(context: RunContext, { instruments, signal }: Surroundings): Promise<void> {
  if (context.watching) await instruments.monitor.stop().catch(() => []);
  // an abort does not wait for the flows to end: the traffic thread ends with its instruments
  if (!signal.aborted) await context.traffic?.catch(() => []);
  for (const { client } of context.helpers.values()) client.close();
  for (const handle of context.bitErrors.values()) handle.close();
  await context.lab.close();
  context.flushCommands();
}

/** The part that is the same for all runs of a cell. Throws, with everything ended, when the lab cannot be brought up. */
export async function prepareRun(cell: CellExperiment, folder: string, surroundings: Surroundings): Promise<RunContext> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const context = new RunContext(cell, folder, surroundings.capabilities, surroundings.instruments);
  try {
    await carryOutAll(context, context.preparation, surroundings);
    return context;
  } catch (error) {
    await endRun(context, surroundings);
    throw error;
  }
}

/**
 * The rest: one run, and its end. A failure of the run itself is recorded in run.json (`error`) and returned, so that one bad run does
 * not cost the others; E_LAB_OPEN and missing programs (exit 3) and an abort are thrown.
 */
export async function measureRun(context: RunContext, moment: RunMoment, surroundings: Surroundings): Promise<RunRecord> {
  let error: string | null = null;
  try {
    await carryOutAll(context, context.begin(moment), surroundings);
  } catch (thrown) {
    error = describe(thrown, surroundings.signal);
    keepLogs(context);
  } finally {
    await endRun(context, surroundings);
  }
  const result = record(context, error);
  writeFileSync(context.file('run.json'), `${JSON.stringify(result, null, 1)}\n`);
  return result;
}

/** What a run's record says of `thrown`; throws it when it is no failure of the run. */
function describe(thrown: unknown, signal: AbortSignal): string {
  if (signal.aborted || (thrown instanceof RoamlabError && thrown.exit !== 1)) throw thrown;
  return thrown instanceof RoamlabError ? thrown.format() : thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

/** A whole run, with the same promises as `measureRun`. */
export async function executeRun(request: RunRequest, surroundings: Surroundings): Promise<RunRecord> {
  let context: RunContext;
  try {
    context = await prepareRun(request.cell, request.folder, surroundings);
  } catch (thrown) {
    return failedRecord(request, describe(thrown, surroundings.signal));
  }
  const { run, nullEvent, seed } = request;
  return measureRun(context, { run, nullEvent, seed }, surroundings);
}
