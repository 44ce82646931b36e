/** The control socket: requests are answered one after the other, whoever asks; nothing a peer sends ends the helper. */
import { createServer, type Server, type Socket } from 'node:net';
import type { HelperAnswer, HelperRequest } from '../types/helper.ts';
import { BadRequest, readRequest } from './check.ts';
import { Lines, MAX_LINE } from './lines.ts';

/** peers at once */
const MOST_PEERS = 8;
/** requests of one peer that wait */
const MOST_WAITING = 64;

export class ControlServer {
  readonly #server: Server;
  readonly #handle: (request: HelperRequest) => Promise<HelperAnswer>;
  readonly #onStop: () => void;
  #queue: Promise<void> = Promise.resolve();

  /** `handle` never rejects; `onStop` is called once the answer to `stop` is on its way. */
  constructor(handle: (request: HelperRequest) => Promise<HelperAnswer>, onStop: () => void) {
    this.#handle = handle;
    this.#onStop = onStop;
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.maxConnections = MOST_PEERS;
  }

  /** A socket only its owner may open. Rejects when there is something at `path`, or no folder for it. */
  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      const mask = process.umask(0o177);
      try {
        this.#server.listen(path, () => resolve());
      } finally {
        process.umask(mask);
      }
    });
  }

  close(): void {
    this.#server.close();
  }

  #serve(socket: Socket): void {
    const lines = new Lines();
    let waiting = 0;
    const say = (answer: HelperAnswer): Promise<void> =>
      new Promise((resolve) => {
        // who does not read its answers shall not keep others waiting for theirs
        if (socket.writableLength > MAX_LINE) socket.destroy();
        if (socket.destroyed || !socket.writable) resolve();
        else socket.write(`${JSON.stringify(answer)}\n`, () => resolve());
      });
    const refuse = (message: string) => void say({ ok: false, code: 'bad-request', message }).then(() => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      const complete = lines.push(chunk);
      if (complete === null) {
        refuse(`request: longer than ${MAX_LINE} octets`);
        return;
      }
      waiting += complete.length;
      if (waiting > MOST_WAITING) {
        refuse(`more than ${MOST_WAITING} requests wait`);
        return;
      }
      for (const line of complete) {
        this.#queue = this.#queue.then(async () => {
          waiting -= 1;
          if (line.trim() !== '') await this.#obey(line, say);
        });
      }
    });
  }

  async #obey(line: string, say: (answer: HelperAnswer) => Promise<void>): Promise<void> {
    let request: HelperRequest;
    try {
      request = readRequest(line);
    } catch (error) {
      await say({ ok: false, code: 'bad-request', message: error instanceof BadRequest ? error.message : 'request: cannot be read' });
      return;
    }
    const said = say(await this.#handle(request));
    if (request.do !== 'stop') return;
    await said;
    this.#onStop();
  }
}
