/** A worker thread as the main thread sees it: commands in, answers out, woken through an eventfd. */
import { Worker } from 'node:worker_threads';
import { closeEvent, openEvent, signalEvent } from '../host/eventfd.ts';
import { workerUrl } from '../host/worker.ts';
import type { Command, Job, Reply } from './protocol.ts';

/** `Omit` over a union. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

interface Pending {
  resolve: (reply: Reply) => void;
  reject: (error: Error) => void;
}

export class Thread {
  readonly #wake: number;
  readonly #worker: Worker;
  readonly #pending: Pending[] = [];
  readonly #exited: Promise<void>;
  #stopped = false;
  #gone: string | null = null;
  /** resolves once the thread is warmed up and waits for packets */
  readonly ready: Promise<void>;

  /** `onDeath` is called with the reason when the thread ends without having been told to. */
  constructor(job: Without<Job, 'wake'>, onDeath: (reason: string) => void) {
    this.#wake = openEvent();
    this.#worker = new Worker(workerUrl(import.meta.url, 'helper'), { workerData: { ...job, wake: this.#wake } });
    this.ready = this.#reply().then(() => {});
    let reason = 'a worker thread ended';
    this.#worker.on('message', (reply: Reply) => this.#pending.shift()?.resolve(reply));
    this.#worker.on('error', (error) => {
      reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#gone = reason;
        closeEvent(this.#wake);
        const waiting = this.#pending.splice(0);
        for (const { reject } of waiting) reject(new Error(reason));
        if (!this.#stopped) onDeath(reason);
        resolve();
      });
    });
  }

  async #reply(): Promise<Reply> {
    const reply = await new Promise<Reply>((resolve, reject) => this.#pending.push({ resolve, reject }));
    if (reply.did === 'failed') throw new Error(reply.message);
    return reply;
  }

  /** Rejects when the thread cannot do it, or ends. */
  ask(command: Command): Promise<Reply> {
    if (this.#gone !== null) return Promise.reject(new Error(this.#gone));
    const reply = this.#reply();
    this.#worker.postMessage(command);
    signalEvent(this.#wake);
    return reply;
  }

  /** The thread has wiped its keys and is gone. */
  async stop(): Promise<void> {
    if (!this.#stopped && this.#gone === null) {
      this.#stopped = true;
      this.#worker.postMessage({ do: 'stop' } satisfies Command);
      signalEvent(this.#wake);
    }
    await this.#exited;
  }
}
