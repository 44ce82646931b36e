/**
 * A vici client: strongSwan's control protocol over a unix socket (strongSwan source, src/libcharon/plugins/vici/README.md).
 * Packets are length-prefixed; answers come in the order of the requests, events at any time.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { RoamlabError } from '../types/errors.ts';
import { decodeMessage, encodeMessage, encodeName, type ViciMessage } from './vici-message.ts';

export type { ViciMessage } from './vici-message.ts';

const PACKET = { REQUEST: 0, RESPONSE: 1, UNKNOWN: 2, REGISTER: 3, UNREGISTER: 4, CONFIRM: 5, EVENT_UNKNOWN: 6, EVENT: 7 } as const;
const MAX_PACKET = 512 * 1024;

export class Vici {
  readonly #socket: Socket;
  #buffer = Buffer.alloc(0);
  readonly #waiting: { resolve: (m: ViciMessage) => void; reject: (e: Error) => void; what: string }[] = [];
  readonly #listeners = new Map<string, (message: ViciMessage) => void>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#receive(chunk));
    const fail = (error?: Error) => {
      for (const waiter of this.#waiting.splice(0)) {
        waiter.reject(
          new RoamlabError(
            'E_VICI',
            1,
            `charon closed the vici socket during ${waiter.what}${error === undefined ? '' : `: ${error.message}`}`,
            { cause: error },
          ),
        );
      }
    };
    socket.on('error', fail);
    socket.on('close', () => fail());
  }

  /** Throws E_VICI (exit 1) when nobody listens at `path`. */
  static async connect(path: string): Promise<Vici> {
    const socket = connect(path);
    try {
      await once(socket, 'connect');
    } catch (cause) {
      throw new RoamlabError('E_VICI', 1, `no charon answers: ${(cause as Error).message}`, { cause });
    }
    return new Vici(socket);
  }

  #receive(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    while (this.#buffer.length >= 4) {
      const length = this.#buffer.readUInt32BE(0);
      if (length === 0 || length > MAX_PACKET) {
        this.#socket.destroy(new Error(`vici: packet of ${length} octets`));
        return;
      }
      if (this.#buffer.length < 4 + length) return;
      const packet = this.#buffer.subarray(4, 4 + length);
      this.#buffer = this.#buffer.subarray(4 + length);
      try {
        this.#dispatch(packet);
      } catch (error) {
        this.#socket.destroy(error as Error); // what follows cannot be trusted either
        return;
      }
    }
  }

  #dispatch(packet: Buffer): void {
    const kind = packet.readUInt8(0);
    if (kind === PACKET.EVENT) {
      const length = packet.readUInt8(1);
      if (2 + length > packet.length) throw new RangeError('vici: truncated event name');
      const event = packet.toString('utf8', 2, 2 + length);
      this.#listeners.get(event)?.(decodeMessage(packet.subarray(2 + length)));
      return;
    }
    const answer = kind === PACKET.RESPONSE ? decodeMessage(packet.subarray(1)) : {};
    const waiter = this.#waiting.shift();
    if (waiter === undefined) return;
    if (kind === PACKET.RESPONSE || kind === PACKET.CONFIRM) waiter.resolve(answer);
    else waiter.reject(new RoamlabError('E_VICI', 1, `charon does not know ${waiter.what}`));
  }

  #send(kind: number, what: string, message: Buffer): Promise<ViciMessage> {
    const label = encodeName(what);
    const header = Buffer.alloc(5);
    header.writeUInt32BE(1 + label.length + message.length);
    header.writeUInt8(kind, 4);
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new RoamlabError('E_VICI', 1, `the vici socket is closed, ${what} cannot be sent`));
      this.#waiting.push({ resolve, reject, what });
      this.#socket.write(Buffer.concat([header, label, message]));
    });
  }

  /** Sends a command. Throws E_VICI (exit 1) with charon's own words when it answers `success = no`. */
  async request(command: string, message: ViciMessage = {}): Promise<ViciMessage> {
    const answer = await this.#send(PACKET.REQUEST, command, encodeMessage(message));
    if (answer.success === 'no')
      throw new RoamlabError('E_VICI', 1, `charon refused ${command}: ${String(answer.errmsg ?? 'no reason given')}`);
    return answer;
  }

  /** A command that streams events (list-sas and the like): all events of that name, then the final answer. */
  async stream(command: string, event: string, message: ViciMessage = {}): Promise<ViciMessage[]> {
    const collected: ViciMessage[] = [];
    await this.listen(event, (m) => collected.push(m));
    await this.request(command, message);
    await this.#send(PACKET.UNREGISTER, event, Buffer.alloc(0));
    this.#listeners.delete(event);
    return collected;
  }

  /** Calls `listener` for each event of that name from now on. */
  async listen(event: string, listener: (message: ViciMessage) => void): Promise<void> {
    this.#listeners.set(event, listener);
    await this.#send(PACKET.REGISTER, event, Buffer.alloc(0));
  }

  /** Requests still waiting are rejected. */
  close(): void {
    this.#socket.destroy();
  }
}
