/** The controller's side of the traffic worker. */
import { Asker, workerUrl } from '../host/worker.ts';
import { RoamlabError } from '../types/errors.ts';
import type { Nanoseconds } from '../types/run.ts';
import type { FlowResult, TrafficAnswer, TrafficCommand, UdpEndpoint } from './protocol.ts';

export class Traffic {
  readonly #worker = new Asker<TrafficCommand, TrafficAnswer>(workerUrl(import.meta.url, 'traffic'));

  async #ask(command: TrafficCommand): Promise<TrafficAnswer> {
    const answer = await this.#worker.ask(command);
    if (answer.did === 'failed') throw new RoamlabError('E_TRAFFIC', 1, `traffic: ${answer.message}`);
    return answer;
  }

  /** Opens the sockets of all flows. Throws E_TRAFFIC (exit 1). */
  async open(flows: UdpEndpoint[], epoch: number): Promise<void> {
    await this.#ask({ do: 'open', epoch, flows });
  }

  /** Sends from `at` until `stop`, then receives for `drain` more; all ns since the run's epoch. */
  async run(at: Nanoseconds, stop: Nanoseconds, drain: Nanoseconds): Promise<FlowResult[]> {
    const answer = await this.#ask({ do: 'start', at, stop, drain });
    return answer.did === 'finished' ? answer.flows : [];
  }

  close(): Promise<void> {
    return this.#worker.close();
  }
}
