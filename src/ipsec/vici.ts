/**
 * A vici client: strongSwan's control protocol over a unix socket (strongSwan source, src/libcharon/plugins/vici/README.md).
 * Packets are length-prefixed; messages are nested sections, key/values and lists. All values are text.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { RoamlabError } from '../types/errors.ts';

export type ViciValue = string | string[] | ViciMessage;
export interface ViciMessage {
  [key: string]: ViciValue;
}

const PACKET = { REQUEST: 0, RESPONSE: 1, UNKNOWN: 2, REGISTER: 3, UNREGISTER: 4, CONFIRM: 5, EVENT_UNKNOWN: 6, EVENT: 7 } as const;
const ELEMENT = { SECTION_START: 1, SECTION_END: 2, KEY_VALUE: 3, LIST_START: 4, LIST_ITEM: 5, LIST_END: 6 } as const;
const MAX_PACKET = 512 * 1024;

function name(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function value(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export function encodeMessage(message: ViciMessage): Buffer {
  const parts: Buffer[] = [];
  for (const [key, item] of Object.entries(message)) {
    if (typeof item === 'string') {
      parts.push(Buffer.from([ELEMENT.KEY_VALUE]), name(key), value(item));
    } else if (Array.isArray(item)) {
      parts.push(Buffer.from([ELEMENT.LIST_START]), name(key));
      for (const entry of item) parts.push(Buffer.from([ELEMENT.LIST_ITEM]), value(entry));
      parts.push(Buffer.from([ELEMENT.LIST_END]));
    } else {
      parts.push(Buffer.from([ELEMENT.SECTION_START]), name(key), encodeMessage(item), Buffer.from([ELEMENT.SECTION_END]));
    }
  }
  return Buffer.concat(parts);
}

/** Decodes a message; throws RangeError on malformed bytes. */
export function decodeMessage(bytes: Buffer): ViciMessage {
  let at = 0;
  const text = (width: 1 | 2): string => {
    const length = width === 1 ? bytes.readUInt8(at) : bytes.readUInt16BE(at);
    at += width;
    if (at + length > bytes.length) throw new RangeError('vici: truncated element');
    const result = bytes.toString('utf8', at, at + length);
    at += length;
    return result;
  };
  const section = (nested: boolean): ViciMessage => {
    const message: ViciMessage = {};
    while (at < bytes.length) {
      const kind = bytes.readUInt8(at++);
      if (kind === ELEMENT.SECTION_END && nested) return message;
      if (kind === ELEMENT.SECTION_START) {
        const key = text(1);
        message[key] = section(true);
      } else if (kind === ELEMENT.KEY_VALUE) {
        const key = text(1);
        message[key] = text(2);
      } else if (kind === ELEMENT.LIST_START) {
        const key = text(1);
        const items: string[] = [];
        while (bytes.readUInt8(at++) === ELEMENT.LIST_ITEM) items.push(text(2));
        message[key] = items;
      } else {
        throw new RangeError(`vici: unexpected element ${kind}`);
      }
    }
    if (nested) throw new RangeError('vici: section never ends');
    return message;
  };
  return section(false);
}

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
        waiter.reject(new RoamlabError('E_VICI', 1, `charon closed the vici socket during ${waiter.what}`, { cause: error }));
      }
    };
    socket.on('error', fail);
    socket.on('close', () => fail());
  }

  static async connect(path: string): Promise<Vici> {
    const socket = connect(path);
    await once(socket, 'connect');
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
      this.#dispatch(packet);
    }
  }

  #dispatch(packet: Buffer): void {
    const kind = packet.readUInt8(0);
    if (kind === PACKET.EVENT) {
      const length = packet.readUInt8(1);
      const event = packet.toString('utf8', 2, 2 + length);
      this.#listeners.get(event)?.(decodeMessage(packet.subarray(2 + length)));
      return;
    }
    const waiter = this.#waiting.shift();
    if (waiter === undefined) return;
    if (kind === PACKET.RESPONSE || kind === PACKET.CONFIRM)
      waiter.resolve(kind === PACKET.CONFIRM ? {} : decodeMessage(packet.subarray(1)));
    else waiter.reject(new RoamlabError('E_VICI', 1, `charon does not know ${waiter.what}`));
  }

  #send(kind: number, what: string, message: Buffer): Promise<ViciMessage> {
    const label = name(what);
    const header = Buffer.alloc(5);
    header.writeUInt32BE(1 + label.length + message.length);
    header.writeUInt8(kind, 4);
    return new Promise((resolve, reject) => {
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

  async listen(event: string, listener: (message: ViciMessage) => void): Promise<void> {
    this.#listeners.set(event, listener);
    await this.#send(PACKET.REGISTER, event, Buffer.alloc(0));
  }

  close(): void {
    this.#socket.destroy();
  }
}
