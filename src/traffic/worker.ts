/** The thread that runs the traffic engine: its blocking calls must not hold up the controller. */
import { parentPort } from 'node:worker_threads';
import { becomeRealtime } from '../host/libc.ts';
import { TrafficEngine } from './engine.ts';
import type { Endpoint, TrafficAnswer, TrafficCommand } from './protocol.ts';

const port = parentPort;
if (port === null) throw new Error('traffic/worker.ts runs as a worker thread');
const answer = (message: TrafficAnswer) => port.postMessage(message);

/** A sender that takes all it gets leaves nothing to the captures when it has priority. */
const priority = (flows: readonly Endpoint[]): number => (flows.some(({ rate }) => rate === 0) ? 0 : 10);

becomeRealtime(10);
let engine: TrafficEngine | null = null;
port.on('message', (command: TrafficCommand) => {
  try {
    if (command.do === 'open') {
      engine?.close();
      becomeRealtime(priority(command.flows));
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
