/** The run's side of a helper's control socket. */
import { connect, type Socket } from 'node:net';
import { waitFor } from '../host/wait.ts';
import { RoamlabError } from '../types/errors.ts';
import type { HelperAnswer, HelperRequest, HelperSetup, HelperStatistics } from '../types/helper.ts';
import { Lines, MAX_LINE } from './lines.ts';

interface Pending {
  resolve: (answer: HelperAnswer) => void;
  reject: (error: Error) => void;
}

const failed = (what: string, code = 'closed'): RoamlabError => new RoamlabError('E_HELPER', 1, `helper: ${what} (${code})`);

/** A socket that answers at `path`, or null while there is none. */
function tried(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => resolve(socket.removeAllListeners()));
    socket.once('error', () => resolve(null));
  });
}

export class HelperClient {
  readonly #socket: Socket;
  readonly #pending: Pending[] = [];
  #over: RoamlabError | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const lines = new Lines(16 * MAX_LINE);
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const line of lines.push(chunk) ?? ['']) {
          const answer = JSON.parse(line) as HelperAnswer;
          this.#pending.shift()?.resolve(answer);
        }
      } catch {
        this.#end(failed('an answer that cannot be read', 'protocol'));
        socket.destroy();
      }
    });
    socket.on('error', (error) => this.#end(failed(error.message)));
    socket.on('close', () => this.#end(failed('it ended without an answer')));
  }

  /**
   * Waits until a helper listens at `path`. `alive` says whether it is worth waiting: what it throws ends it, as does `timeout` (ms) with
   * E_TIMEOUT.
   */
  static async connect(
    path: string,
    { timeout = 60_000, alive = () => {} }: { timeout?: number; alive?: () => void } = {},
  ): Promise<HelperClient> {
    const attempt = async () => {
      alive();
      return tried(path);
    };
    return new HelperClient(await waitFor(`the helper at ${path}`, attempt, { timeout }));
  }

  #end(error: RoamlabError): void {
    this.#over ??= error;
    for (const { reject } of this.#pending.splice(0)) reject(this.#over);
  }

  /**
   * One request; several may be under way, they are answered in order. Throws E_HELPER (exit 1) with the helper's code and words when it
   * refuses, when it ends, or when `timeout` ms go by.
   */
  async request(request: HelperRequest, timeout = 60_000): Promise<HelperStatistics | null> {
    if (this.#over !== null) throw this.#over;
    const answer = await new Promise<HelperAnswer>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#end(failed(`no answer to \`${request.do}\` within ${timeout / 1000} s`, 'timeout'));
        this.#socket.destroy();
      }, timeout);
      const done =
        <T>(what: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          what(value);
        };
      this.#pending.push({ resolve: done(resolve), reject: done(reject) });
      this.#socket.write(`${JSON.stringify(request)}\n`);
    });
    if (!answer.ok) throw failed(answer.message, answer.code);
    return answer.statistics ?? null;
  }

  /** Interfaces and threads are there, warmed up, when it returns. */
  async open(setup: HelperSetup): Promise<void> {
    await this.request({ do: 'open', setup });
  }

  async keys(keys: Omit<Extract<HelperRequest, { do: 'keys' }>, 'do'>): Promise<void> {
    await this.request({ do: 'keys', ...keys });
  }

  async statistics(): Promise<HelperStatistics> {
    const statistics = await this.request({ do: 'statistics' });
    if (statistics === null) throw failed('an answer without statistics', 'protocol');
    return statistics;
  }

  /** The helper has wiped its keys and closed everything; its process ends. */
  async stop(): Promise<void> {
    await this.request({ do: 'stop' });
    this.close();
  }

  /** Lets go of the socket; the helper goes on. */
  close(): void {
    this.#socket.destroy();
  }
}
