/** The controller's side of the traffic worker. */
import { Asker, workerUrl } from '../host/worker.ts';
import { RoamlabError } from '../types/errors.ts';
import type { Nanoseconds } from '../types/run.ts';
import type { AddressChange, Endpoint, TrafficAnswer, TrafficCommand, TrafficResult } from './protocol.ts';

export class Traffic {
  readonly #worker = new Asker<TrafficCommand, TrafficAnswer>(workerUrl(import.meta.url, 'traffic'));

  async #ask(command: TrafficCommand): Promise<TrafficAnswer> {
    const answer = await this.#worker.ask(command);
    if (answer.did === 'failed') throw new RoamlabError('E_TRAFFIC', 1, `traffic: ${answer.message}`);
    return answer;
  }

  /** Opens the sockets of all flows, and their associations and connections. Throws E_TRAFFIC (exit 1). */
  async open(flows: Endpoint[], epoch: number): Promise<void> {
    await this.#ask({ do: 'open', epoch, flows });
  }

  /** Sends from `at` until `stop`, then receives for `drain` more, and makes `changes` meanwhile; all ns since the run's epoch. */
  async run(at: Nanoseconds, stop: Nanoseconds, drain: Nanoseconds, changes: AddressChange[] = []): Promise<TrafficResult> {
    const answer = await this.#ask({ do: 'start', at, stop, drain, changes });
    return answer.did === 'finished' ? { flows: answer.flows, changed: answer.changed } : { flows: [], changed: [] };
  }

  close(): Promise<void> {
    return this.#worker.close();
  }
}
