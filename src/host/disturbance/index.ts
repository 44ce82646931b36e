/** Watching what this machine does to a run that uses the real clock. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostDisturbance } from '../../types/host.ts';
import type { Nanoseconds } from '../../types/run.ts';
import { Asker, workerUrl } from '../worker.ts';
import type { WatchAnswer, WatchCommand } from './protocol.ts';

/** The record's name in a run folder. */
export const HOST_FILE = 'host.json';

export function writeHostRecord(folder: string, host: HostDisturbance): void {
  writeFileSync(join(folder, HOST_FILE), `${JSON.stringify(host)}\n`);
}

/** A watch under way. */
export interface Watch {
  /** the first reading is taken; rejects when /proc says nothing */
  begun: Promise<void>;
  /**
   * Ends it. `clockAhead`: ns by which the run's clock is ahead of this machine's. Rejects when the watch never began, or when
   * another one began meanwhile.
   */
  end: (clockAhead: Nanoseconds) => Promise<HostDisturbance>;
}

/** One watch after the other, all by one thread. While it watches it takes 2 to 5 % of one CPU, 25 us at a time. */
export class HostWatch {
  readonly #asker = new Asker<WatchCommand, WatchAnswer>(workerUrl(import.meta.url, 'disturbance'));
  #release: () => void = () => {};
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Begins a watch, and gives up one that was not ended. `roots` are the processes a run consists of, with all they start: this
   * process for the netns backend, QEMU for a guest.
   */
  begin(roots: readonly number[]): Watch {
    this.#release();
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const release = () => {
      Atomics.store(stop, 0, 1);
      Atomics.notify(stop, 0);
    };
    this.#release = release;
    const begun = this.#ask({ do: 'watch', roots, stop }).then(() => {});
    const end = async (clockAhead: Nanoseconds) => {
      if (this.#release !== release) throw new Error('watching the host: another watch began before this one was ended');
      release();
      const [, answer] = await Promise.all([begun, this.#ask({ do: 'report', clockAhead })]);
      if (answer.did !== 'watched') throw new Error(`watching the host: unexpected answer ${answer.did}`);
      return answer.host;
    };
    begun.catch(() => {}); // `end` throws it
    return { begun, end };
  }

  /** Ends the thread, whatever it does. */
  async close(): Promise<void> {
    await this.#asker.close();
  }

  /** Commands wait for the answer to the one before: the thread takes one at a time. */
  #ask(command: WatchCommand): Promise<WatchAnswer> {
    const answered = this.#last
      .catch(() => {})
      .then(async () => {
        const answer = await this.#asker.ask(command);
        if (answer.did === 'failed') throw new Error(`watching the host: ${answer.message}`);
        return answer;
      });
    this.#last = answered;
    return answered;
  }
}
