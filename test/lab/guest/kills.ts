/**
 * A guest program: starts whole runs (charon, ESP, netem, captures) in a child, kills it with SIGKILL at instants spread over a
 * run's life, and reports what the kernel holds before and after.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { capabilities } from '../../../src/host/capabilities.ts';
import { waitFor } from '../../../src/host/wait.ts';
import { openInstruments } from '../../../src/run/context.ts';
import { executeRun } from '../../../src/run/execute.ts';
import type { CellExperiment } from '../../../src/types/experiment.ts';
import { closePort, send } from '../../../src/vm/guest/port.ts';
import { residue } from '../residue.ts';

const KILLS = 8;
const { cell } = JSON.parse(readFileSync('/roamlab/job.json', 'utf8')) as { cell: CellExperiment };

if (process.argv[2] === 'victim') {
  const folder = `/tmp/victim-${process.pid}`;
  const request = { cell, run: 1, nullEvent: false, seed: 1, folder };
  const signal = new AbortController().signal;
  const onStep = (step: { phase: string }) => process.send?.(step.phase);
  await executeRun(request, { capabilities: await capabilities(), instruments: openInstruments(), signal, onStep });
  process.exit(0);
}

/** The phase in which a victim dies; the instants within come from the scheduler. */
const PHASES = ['lab', 'ipsec', 'capture', 'connect', 'events', 'traffic', 'finish', 'lab'];
for (let i = 0; i < KILLS; i++) {
  const before = residue();
  const victim = fork(process.argv[1] as string, ['victim']);
  const phase = PHASES[i] as string;
  await new Promise<void>((resolve) => {
    victim.on('message', (said) => {
      if (said === phase) resolve();
    });
    victim.on('exit', () => resolve());
  });
  await delay(37 * i); // a different depth into the phase each time
  victim.kill('SIGKILL');
  if (victim.exitCode === null && victim.signalCode === null) await once(victim, 'exit');
  const after = () => residue([victim.pid ?? 0]);
  await waitFor('clean-up', () => JSON.stringify(after()) === JSON.stringify(before), { timeout: 10_000 }).catch(() => {});
  send({ type: 'said', value: { label: `killed in phase ${phase}`, before, after: after() } });
}
send({ type: 'bye' });
closePort();
process.exit(0);
