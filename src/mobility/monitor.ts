/** The controller's side of the netlink monitor thread. */
import { Asker, workerUrl } from '../host/worker.ts';
import { RoamlabError } from '../types/errors.ts';
import type { MonitorAnswer, MonitorCommand, Notification } from './protocol.ts';

export class Monitor {
  readonly #worker = new Asker<MonitorCommand, MonitorAnswer>(workerUrl(import.meta.url, 'mobility'));

  async #ask(command: MonitorCommand): Promise<MonitorAnswer> {
    const answer = await this.#worker.ask(command);
    if (answer.did === 'failed') throw new RoamlabError('E_MONITOR', 1, `netlink monitor: ${answer.message}`);
    return answer;
  }

  /** Returns once notifications of every node are being seen. Throws E_MONITOR (exit 1). */
  async watch(epoch: number, nodes: { node: string; namespace: string }[]): Promise<void> {
    await this.#ask({ do: 'watch', epoch, nodes });
  }

  /** Everything seen since `watch`, in order; nothing when that failed. */
  async stop(): Promise<Notification[]> {
    const answer = await this.#ask({ do: 'stop' });
    return answer.did === 'saw' ? answer.notifications : [];
  }

  close(): Promise<void> {
    return this.#worker.close();
  }
}
