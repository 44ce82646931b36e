/**
 * The controller of a guest with the virtual clock. It is stopped and stored twice: when it has booted and its own code is loaded, and
 * when the lab of a cell is up and nothing random has been drawn that matters. Each run is a guest that goes on from there.
 */
import { release } from 'node:os';
import { capabilities } from '../../host/capabilities.ts';
import { run } from '../../host/command.ts';
import { toolVersions } from '../../host/versions.ts';
import { openInstruments, type RunMoment } from '../../run/context.ts';
import { measureRun, prepareRun } from '../../run/execute.ts';
import { warmUp } from '../../run/warm-up.ts';
import { seedKernel } from './entropy.ts';
import { failure } from './failure.ts';
import { sendFolder } from './folder.ts';
import { send } from './port.ts';
import { beat, note, stop } from './virtual-port.ts';
import { warmEngine } from './warm-engine.ts';

const FOLDER = '/results/run';
/** Virtual ms between signs of life. */
const BEAT = 1000;

let phase = '';
const onStep = (step: { phase: string; title: string }) => {
  if (step.phase === phase) return; // one note per phase: each costs the measured machine some 100 us
  phase = step.phase;
  note({ type: 'step', phase: step.phase, title: '' });
};

/** `before` is called when it is known which run this is; tests end some of them there. */
async function work(before: (moment: RunMoment) => void): Promise<void> {
  const versions = await toolVersions();
  const surroundings = {
    ...{ capabilities: await capabilities(), instruments: openInstruments() },
    ...{ signal: new AbortController().signal, onStep },
  };
  await run(['modprobe', 'qemu_fw_cfg']);
  note({ type: 'hello', kernel: release(), strongswan: versions.strongswan ?? 'unknown', tools: versions, cpus: 1 });
  await warmEngine(surroundings.instruments.traffic);
  const first = stop();
  if (first.do !== 'prepare') throw new Error(`a booted guest cannot ${first.do}`);
  await warmUp([first.cell], '/results/warm-up', surroundings);
  const context = await prepareRun(first.cell, FOLDER, surroundings);
  const second = stop();
  if (second.do !== 'measure') throw new Error(`a prepared guest cannot ${second.do}`);
  seedKernel(second.moment.seed);
  before(second.moment);
  await measureRun(context, second.moment, surroundings);
  sendFolder(FOLDER, FOLDER, send);
  send({ type: 'bye' });
}

/** The whole life of the guest. The host ends it when it has heard the last word; to close the port would lose what is on its way. */
export async function control(before: (moment: RunMoment) => void = () => {}): Promise<void> {
  setInterval(beat, BEAT);
  await work(before).catch((error: unknown) => note(failure(error)));
}
