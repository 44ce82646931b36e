/** The thread that runs the traffic engine: its blocking calls must not hold up the controller. */
import { parentPort } from 'node:worker_threads';
import { becomeRealtime } from '../host/libc.ts';
import { TrafficEngine } from './engine.ts';
import type { TrafficAnswer, TrafficCommand } from './protocol.ts';

const port = parentPort;
if (port === null) throw new Error('traffic/worker.ts runs as a worker thread');
const answer = (message: TrafficAnswer) => port.postMessage(message);

becomeRealtime(10);
let engine: TrafficEngine | null = null;
port.on('message', (command: TrafficCommand) => {
  try {
    if (command.do === 'open') {
      engine?.close();
      engine = new TrafficEngine(command.flows, command.epoch);
      answer({ did: 'opened' });
    } else {
      const result = engine?.run(command.at, command.stop, command.drain, command.changes) ?? { flows: [], changed: [] };
      engine?.close();
      engine = null;
      answer({ did: 'finished', ...result });
    }
  } catch (error) {
    engine?.close();
    engine = null;
    answer({ did: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
});
