/** The controller's side of the netlink monitor thread. */
import { Worker } from 'node:worker_threads';
import { workerUrl } from '../host/worker.ts';
import { RoamlabError } from '../types/errors.ts';
import type { MonitorAnswer, MonitorCommand, Notification } from './protocol.ts';

export class Monitor {
  readonly #worker = new Worker(workerUrl(import.meta.url, 'mobility'));

  constructor() {
    this.#worker.unref();
  }

  #tell(command: MonitorCommand): Promise<MonitorAnswer> {
    this.#worker.ref();
    return new Promise<MonitorAnswer>((resolve, reject) => {
      this.#worker.once('message', resolve);
      this.#worker.once('error', reject);
      this.#worker.postMessage(command);
    }).then((answer) => {
      this.#worker.unref();
      if (answer.did === 'failed') throw new RoamlabError('E_MONITOR', 1, `netlink monitor: ${answer.message}`);
      return answer;
    });
  }

  /** Returns once notifications of every node are being seen. */
  async watch(epoch: number, nodes: { node: string; namespace: string }[]): Promise<void> {
    await this.#tell({ do: 'watch', epoch, nodes });
  }

  async stop(): Promise<Notification[]> {
    const answer = await this.#tell({ do: 'stop' });
    return answer.did === 'saw' ? answer.notifications : [];
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
