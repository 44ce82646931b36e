/** A thread of the helper: warms up what its job says, says so, and works until it is told to stop. */
import { parentPort, workerData } from 'node:worker_threads';
import { AgentStation } from './agent/station.ts';
import { endStation } from './end/station.ts';
import { inlineMore } from './fast/inlining.ts';
import type { Job, Reply } from './protocol.ts';
import { type Station, serve } from './station.ts';
import { warmUpAgent } from './warm-up/agent.ts';
import { warmUpEnd } from './warm-up/end.ts';

const port = parentPort;
if (port === null) throw new Error('helper/worker.ts runs as a worker thread');
const job = workerData as Job;

function stationOf(): Station {
  if (job.kind === 'agent') {
    warmUpAgent(job.agent, job.profile);
    return new AgentStation(job.agent, job.tun, job.profile);
  }
  // super-segments are for real time, which does not wait for an interpreter either
  if (job.tunnel.speed === 'faithful') warmUpEnd(job);
  else inlineMore();
  return endStation(job);
}

const station = stationOf();
port.postMessage({ did: 'ready' } satisfies Reply);
serve(station, job.wake, port);
// the last reference to the loop of events: without it the thread would wait for messages for ever
port.unref();
