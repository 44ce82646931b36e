/** What the steps of one run share. */
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Capabilities } from '../host/capabilities.ts';
import { type CommandLog, display } from '../host/command.ts';
import { Lab, type LabProcess } from '../lab/lab.ts';
import { Monitor } from '../mobility/monitor.ts';
import type { Notification } from '../mobility/protocol.ts';
import { runPlan } from '../plan/plan.ts';
import type { Plan } from '../plan/step.ts';
import { Traffic } from '../traffic/flows.ts';
import type { FlowResult } from '../traffic/protocol.ts';
import type { CellExperiment } from '../types/experiment.ts';
import type { EspKeys } from '../types/keys.ts';
import type { CaptureRecord, EventRecord, Nanoseconds } from '../types/run.ts';

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

export interface RunRequest {
  cell: CellExperiment;
  run: number;
  nullEvent: boolean;
  seed: number;
  /** created by the run; must not exist */
  folder: string;
}

export interface Armed {
  node: string;
  tool: 'ip' | 'tc';
  process: LabProcess;
}

export class RunContext {
  readonly request: RunRequest;
  readonly capabilities: Capabilities;
  readonly instruments: Instruments;
  readonly epoch: number;
  readonly lab: Lab;
  readonly plan: Plan;
  readonly #secrets = new Map<string, string>();
  readonly captures: { record: CaptureRecord; process: LabProcess }[] = [];
  readonly charons = new Map<string, { process: LabProcess; socket: string }>();
  readonly armed: Armed[] = [];
  readonly events: EventRecord[] = [];
  readonly bulk: { name: string; client: LabProcess; server: LabProcess }[] = [];
  flowsStart: Nanoseconds = 0;
  flowsStop: Nanoseconds = 0;
  traffic: Promise<FlowResult[]> | null = null;
  flows: FlowResult[] = [];
  notifications: Notification[] = [];
  watching = false;
  readonly espKeys: EspKeys[] = [];
  xfrmBefore: Record<string, Record<string, number>> = {};
  xfrmErrors: Record<string, Record<string, number>> = {};
  qdiscDrops: Record<string, number> = {};
  commands = '';

  constructor(request: RunRequest, capabilities: Capabilities, instruments: Instruments) {
    this.request = request;
    this.capabilities = capabilities;
    this.instruments = instruments;
    this.epoch = Math.floor(Date.now() / 1000);
    const log: CommandLog = ({ argv, input, exit, ms, stderr }) => {
      const outcome = exit === null ? 'started' : `exit ${exit}, ${ms.toFixed(1)} ms`;
      this.commands += `${display(argv)}  # ${outcome}\n${input === undefined ? '' : `${input.trimEnd().replace(/^/gm, '    ')}\n`}`;
      if (stderr.trim() !== '') this.commands += `${stderr.trimEnd().replace(/^/gm, '  # ')}\n`;
    };
    this.lab = new Lab(`${request.cell.name}-${randomBytes(4).toString('hex')}`, log);
    const { seed, nullEvent } = request;
    this.plan = runPlan(request.cell, { seed, nullEvent, netemSeed: capabilities.netemSeed, psk: this.psk });
  }

  /** The pre-shared key of a connection: 256 random bits, for this run only. */
  readonly psk = (connection: string): string => {
    const known = this.#secrets.get(connection);
    if (known !== undefined) return known;
    const secret = randomBytes(32).toString('hex');
    this.#secrets.set(connection, secret);
    return secret;
  };

  file(relative: string): string {
    const path = join(this.request.folder, relative);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  flushCommands(): void {
    appendFileSync(this.file('commands.log'), this.commands);
    this.commands = '';
  }
}
