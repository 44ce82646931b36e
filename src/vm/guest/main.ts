/**
 * The guest's controller: reads the job laid into the initramfs, carries out its runs with the same code as the netns
 * backend, and sends each finished run folder to the host. It ends when the host closes the port.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { capabilities } from '../../host/capabilities.ts';
import { run } from '../../host/command.ts';
import { toolVersions } from '../../host/versions.ts';
import { probeFeatures } from '../../probes/features.ts';
import { closeInstruments, type Instruments, openInstruments } from '../../run/context.ts';
import { executeRun } from '../../run/execute.ts';
import { warmUp } from '../../run/warm-up.ts';
import { RoamlabError } from '../../types/errors.ts';
import type { GuestJob } from '../protocol.ts';
import { closePort, send } from './port.ts';

function sendFolder(root: string, base: string): void {
  for (const name of readdirSync(root).sort()) {
    const path = join(root, name);
    const info = statSync(path);
    if (info.isDirectory()) sendFolder(path, base);
    else send({ type: 'file', path: path.slice(base.length + 1), mode: info.mode & 0o777 }, readFileSync(path));
  }
}

async function carryOut(job: GuestJob, instruments: Instruments): Promise<void> {
  if (job.probe === true) send({ type: 'probes', results: await probeFeatures() });
  const able = await capabilities();
  const never = new AbortController().signal;
  const cells = job.runs.map((request) => request.cell);
  await warmUp(cells, '/results/warm-up', able, instruments, never);
  for (const [index, request] of job.runs.entries()) {
    send({ type: 'start', index });
    const folder = join('/results', request.folder);
    const record = await executeRun({ ...request, folder }, able, instruments, never, (step) =>
      send({ type: 'step', index, phase: step.phase, title: step.title }),
    );
    sendFolder(folder, '/results');
    rmSync(folder, { recursive: true });
    send({ type: 'run', index, record });
  }
}

/** A word every second, so that silence means a hang. */
const BEAT = 1000;
const beat = setInterval(() => send({ type: 'beat' }), BEAT);
try {
  const job = JSON.parse(readFileSync('/roamlab/job.json', 'utf8')) as GuestJob;
  const versions = await toolVersions();
  send({ type: 'hello', kernel: release(), strongswan: versions.strongswan ?? 'unknown', tools: versions, cpus: cpus().length });
  const instruments = openInstruments();
  await carryOut(job, instruments);
  await closeInstruments(instruments);
  send({ type: 'bye' });
} catch (error) {
  const known = error instanceof RoamlabError ? error : null;
  const message = known?.message ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
  send({
    type: 'failed',
    message,
    code: known?.code ?? 'E_GUEST',
    exit: known?.exit ?? 1,
    ...(known?.hint === undefined ? {} : { hint: known.hint }),
  });
}
clearInterval(beat);
closePort();
await run(['sync']).catch(() => {});
