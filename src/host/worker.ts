/**
 * Worker threads that answer each command once. Sources run as .ts files from the checkout and as one bundle per worker
 * inside the guest; `workerUrl` knows both.
 */
import { Worker } from 'node:worker_threads';

/** `./worker.ts` beside the caller, or `/<name>-worker.mjs` beside the guest's bundle. */
export function workerUrl(callerUrl: string, name: string): URL {
  return callerUrl.endsWith('.ts') ? new URL('./worker.ts', callerUrl) : new URL(`./${name}-worker.mjs`, callerUrl);
}

export class Asker<Command, Answer> {
  readonly #worker: Worker;
  #pending: { resolve: (a: Answer) => void; reject: (e: Error) => void } | null = null;
  #ended = false;

  constructor(url: URL) {
    this.#worker = new Worker(url);
    this.#worker.unref();
    this.#worker.on('message', (message: Answer) => {
      const pending = this.#pending;
      this.#pending = null;
      pending?.resolve(message);
    });
    this.#worker.on('error', (error) => {
      this.#pending?.reject(error instanceof Error ? error : new Error(String(error)));
      this.#pending = null;
    });
    this.#worker.on('exit', () => {
      this.#ended = true;
      this.#pending?.reject(new Error('the worker thread ended'));
      this.#pending = null;
    });
  }

  /** One command at a time. Rejects when the thread throws, or ends before it answers. */
  ask(command: Command): Promise<Answer> {
    if (this.#ended) return Promise.reject(new Error('the worker thread ended'));
    if (this.#pending !== null) return Promise.reject(new Error('the worker thread has not answered the command before'));
    this.#worker.ref();
    return new Promise<Answer>((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#worker.postMessage(command);
    }).finally(() => this.#worker.unref());
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
