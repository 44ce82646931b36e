/** A thread of the helper: makes what its job says, warms it up, says so, and works until it is told to stop. */
import { parentPort, workerData } from 'node:worker_threads';
import { AgentStation } from './agent/station.ts';
import { endStation } from './end/station.ts';
import type { Job, Reply } from './protocol.ts';
import { type Station, serve } from './station.ts';

const port = parentPort;
if (port === null) throw new Error('helper/worker.ts runs as a worker thread');
const job = workerData as Job;

function stationOf(): Station {
  return job.kind === 'agent' ? new AgentStation(job.agent, job.tun, job.profile) : endStation(job);
}

const station = stationOf();
port.postMessage({ did: 'ready' } satisfies Reply);
serve(station, job.wake, port);
// the last reference to the loop of events: without it the thread would wait for messages for ever
port.unref();
