/**
 * The controller of a guest with the real clock: reads the job laid into the initramfs, carries out its runs with the same code as
 * the netns backend, and sends each finished run folder to the host. It ends when the host closes the port.
 */
import { readFileSync, rmSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { capabilities } from '../../host/capabilities.ts';
import { run } from '../../host/command.ts';
import { realtime } from '../../host/libc.ts';
import { toolVersions } from '../../host/versions.ts';
import { probeFeatures } from '../../probes/features.ts';
import { closeInstruments, openInstruments } from '../../run/context.ts';
import { executeRun } from '../../run/execute.ts';
import { warmUp } from '../../run/warm-up.ts';
import type { GuestJob } from '../protocol.ts';
import { failure } from './failure.ts';
import { sendFolder } from './folder.ts';
import { closePort, send } from './port.ts';
import { warmEngine } from './warm-engine.ts';

async function carryOut(job: GuestJob): Promise<void> {
  if (job.probe === true) send({ type: 'probes', results: await probeFeatures() });
  const instruments = openInstruments();
  const common = { capabilities: await capabilities(), instruments, signal: new AbortController().signal };
  await warmEngine(instruments.traffic);
  await warmUp(
    job.runs.map((request) => request.cell),
    '/results/warm-up',
    common,
  );
  for (const [index, request] of job.runs.entries()) {
    const { seconds, nanoseconds } = realtime();
    send({ type: 'start', index, at: seconds * 1e9 + nanoseconds });
    const folder = join('/results', request.folder);
    const onStep = (step: { phase: string; title: string }) => send({ type: 'step', phase: step.phase, title: step.title });
    await executeRun({ ...request, folder }, { ...common, onStep });
    sendFolder(folder, folder, send);
    rmSync(folder, { recursive: true });
    send({ type: 'run' });
  }
  await closeInstruments(instruments);
}

/** A word every second, so that silence means a hang. */
const BEAT = 1000;
const beat = setInterval(() => send({ type: 'beat' }), BEAT);
try {
  const job = JSON.parse(readFileSync('/roamlab/job.json', 'utf8')) as GuestJob;
  const versions = await toolVersions();
  send({ type: 'hello', kernel: release(), strongswan: versions.strongswan ?? 'unknown', tools: versions, cpus: cpus().length });
  await carryOut(job);
  send({ type: 'bye' });
} catch (error) {
  send(failure(error));
}
clearInterval(beat);
closePort();
await run(['sync']).catch(() => {});
