/** What the steps of one run share. */
import { createHmac } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BitErrorHandle } from '../biterrors/attach.ts';
import type { HelperClient } from '../helper/client.ts';
import type { Capabilities } from '../host/capabilities.ts';
import { type CommandLog, display } from '../host/command.ts';
import { Lab, type LabProcess } from '../lab/lab.ts';
import { Monitor } from '../mobility/monitor.ts';
import type { Notification } from '../mobility/protocol.ts';
import { measurementPlan, preparationPlan } from '../plan/plan.ts';
import type { Plan } from '../plan/step.ts';
import { Traffic } from '../traffic/flows.ts';
import type { FlowResult } from '../traffic/protocol.ts';
import type { CellExperiment } from '../types/experiment.ts';
import type { HelperStatistics } from '../types/helper.ts';
import type { EspKeys } from '../types/keys.ts';
import type { CaptureRecord, EventRecord, Nanoseconds } from '../types/run.ts';
import type { TunnelSecrets } from './csa-keys.ts';

/** Worker threads kept from run to run. */
export interface Instruments {
  traffic: Traffic;
  monitor: Monitor;
}

export function openInstruments(): Instruments {
  return { traffic: new Traffic(), monitor: new Monitor() };
}

export async function closeInstruments(instruments: Instruments): Promise<void> {
  await Promise.all([instruments.traffic.close(), instruments.monitor.close()]);
}

/** What makes one run of a cell differ from another. */
export interface RunMoment {
  run: number;
  nullEvent: boolean;
  seed: number;
}

export interface RunRequest extends RunMoment {
  cell: CellExperiment;
  /** created by the run; must not exist */
  folder: string;
}

/** Labs of this process so far: part of a lab's mark. */
let labs = 0;

export interface Armed {
  node: string;
  tool: 'ip' | 'tc';
  process: LabProcess;
}

export class RunContext {
  readonly cell: CellExperiment;
  readonly folder: string;
  readonly capabilities: Capabilities;
  readonly instruments: Instruments;
  readonly epoch: number;
  readonly lab: Lab;
  readonly preparation: Plan;
  readonly captures: { record: CaptureRecord; process: LabProcess }[] = [];
  readonly charons = new Map<string, { process: LabProcess; socket: string }>();
  readonly armed: Armed[] = [];
  readonly events: EventRecord[] = [];
  /** iperf3; the client is there when the flows have begun */
  readonly bulk: { name: string; client: Promise<LabProcess>; server: LabProcess }[] = [];
  readonly helpers = new Map<string, { process: LabProcess; client: HelperClient }>();
  helperStatistics: Record<string, HelperStatistics> = {};
  secrets: TunnelSecrets[] | null = null;
  /** by `node:interface` */
  readonly bitErrors = new Map<string, BitErrorHandle>();
  moment: RunMoment = { run: 0, nullEvent: true, seed: 0 };
  measurement: Plan = [];
  flowsStart: Nanoseconds = 0;
  flowsStop: Nanoseconds = 0;
  traffic: Promise<FlowResult[]> | null = null;
  flows: FlowResult[] = [];
  notifications: Notification[] = [];
  /** commands to charon and what came of them */
  readonly controls: Notification[] = [];
  watching = false;
  readonly espKeys: EspKeys[] = [];
  xfrmBefore: Record<string, Record<string, number>> = {};
  xfrmErrors: Record<string, Record<string, number>> = {};
  qdiscDrops: Record<string, number> = {};
  commands = '';

  constructor(cell: CellExperiment, folder: string, capabilities: Capabilities, instruments: Instruments) {
    this.cell = cell;
    this.folder = folder;
    this.capabilities = capabilities;
    this.instruments = instruments;
    this.epoch = Math.floor(Date.now() / 1000);
    const log: CommandLog = ({ argv, input, exit, ms, stderr }) => {
      const outcome = exit === null ? 'started' : `exit ${exit}, ${ms.toFixed(1)} ms`;
      this.commands += `${display(argv)}  # ${outcome}\n${input === undefined ? '' : `${input.trimEnd().replace(/^/gm, '    ')}\n`}`;
      if (stderr.trim() !== '') this.commands += `${stderr.trimEnd().replace(/^/gm, '  # ')}\n`;
    };
    this.lab = new Lab(`${cell.name}-${process.pid}-${++labs}`, log);
    this.preparation = preparationPlan(cell);
  }

  /** The rest of the run's plan, once it is known which run it is. */
  begin(moment: RunMoment): Plan {
    this.moment = moment;
    const { seed, nullEvent } = moment;
    const { netemSeed } = this.capabilities;
    this.measurement = measurementPlan(this.cell, { seed, nullEvent, netemSeed, psk: this.psk });
    return this.measurement;
  }

  /** The pre-shared key of a connection: 256 bits that follow from the seed, because a run must be repeatable. They protect a lab. */
  readonly psk = (connection: string): string => createHmac('sha256', String(this.moment.seed)).update(connection).digest('hex');

  file(relative: string): string {
    const path = join(this.folder, relative);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  flushCommands(): void {
    appendFileSync(this.file('commands.log'), this.commands);
    this.commands = '';
  }
}
