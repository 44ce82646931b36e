/**
 * What the guest sends to the host over its virtio port: frames of two big-endian u32 lengths, a JSON header and raw
 * bytes. One direction only; the job reaches the guest inside the initramfs.
 *
 * With the virtual clock the virtio port is used when the measurement is over, because the host answers it when it gets to it. Before
 * that the guest writes notes to an I/O port: a JSON text per line, an empty line for a beat. What it is to do it reads from QEMU's
 * firmware configuration.
 */

import { StringDecoder } from 'node:string_decoder';
import type { RunMoment, RunRequest } from '../run/context.ts';
import type { CellExperiment } from '../types/experiment.ts';
import type { ProbeResult } from '../types/probe.ts';

/** I/O port of a guest with the virtual clock: notes. */
export const NOTES_PORT = 0xe9;

/** The watchdog (iBASE 700) that stops a guest: port, what is written to it, and virtual ms until it bites. */
export const WATCHDOG = { port: 0x443, value: 0x0e, after: 2000 } as const;

/** Octets of the room for orders: as long in the guest that was stored as in those that go on from it. */
const ORDERS_ROOM = 1 << 20;

/** What a guest that was stored and goes on is to do. */
export type Orders = { do: 'prepare'; cell: CellExperiment } | { do: 'measure'; moment: RunMoment } | { do: 'nothing' };

/** The orders as the guest reads them: length (big-endian u32), JSON, zeros. Throws RangeError when they do not fit. */
export function encodeOrders(orders: Orders): Buffer {
  const text = Buffer.from(JSON.stringify(orders));
  if (text.length + 4 > ORDERS_ROOM) throw new RangeError(`an experiment of ${text.length} octets is too large for one guest`);
  const room = Buffer.alloc(ORDERS_ROOM);
  room.writeUInt32BE(text.length);
  text.copy(room, 4);
  return room;
}

export interface GuestJob {
  runs: RunRequest[];
  /** features to check instead of runs, when given */
  probe?: boolean;
}

export type GuestMessage =
  | { type: 'hello'; kernel: string; strongswan: string; tools: Record<string, string>; cpus: number }
  /** a run begins; `at`: the guest's clock, ns since 1970 */
  | { type: 'start'; index: number; at: number }
  | { type: 'step'; phase: string; title: string }
  | { type: 'beat' }
  /** a file of the current run, relative to its folder */
  | { type: 'file'; path: string; mode: number }
  /** the current run is complete */
  | { type: 'run' }
  | { type: 'probes'; results: ProbeResult[] }
  | { type: 'failed'; message: string; code: string; exit: number; hint?: string }
  /** anything another guest program wants to say */
  | { type: 'said'; value: unknown }
  | { type: 'bye' };

const MAX_HEADER = 16 << 20;
const MAX_BODY = 1 << 30;

export function encodeFrame(message: GuestMessage, body: Uint8Array = new Uint8Array()): Buffer {
  const header = Buffer.from(JSON.stringify(message));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(header.length, 0);
  lengths.writeUInt32BE(body.length, 4);
  return Buffer.concat([lengths, header, body]);
}

function parseHeader(text: string): GuestMessage {
  try {
    return JSON.parse(text) as GuestMessage;
  } catch (cause) {
    throw new RangeError(`a frame whose header is no JSON: ${text.slice(0, 100)}`, { cause });
  }
}

/** Feeds on chunks, calls back once per whole frame. Throws RangeError on lengths and headers no guest of ours sends. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;
  readonly #onFrame: (message: GuestMessage, body: Buffer) => void;

  constructor(onFrame: (message: GuestMessage, body: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  #peek(size: number): Buffer {
    if ((this.#chunks[0]?.length ?? 0) < size) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] as Buffer;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= 8) {
      const lengths = this.#peek(8);
      const header = lengths.readUInt32BE(0);
      const body = lengths.readUInt32BE(4);
      if (header > MAX_HEADER || body > MAX_BODY) throw new RangeError(`guest frame of ${header}+${body} octets`);
      const total = 8 + header + body;
      if (this.#length < total) return;
      const all = Buffer.concat(this.#chunks);
      this.#chunks = [all.subarray(total)];
      this.#length -= total;
      this.#onFrame(parseHeader(all.toString('utf8', 8, 8 + header)), all.subarray(8 + header, total));
    }
  }
}

/** Feeds on what the guest notes, calls back once per line; null for a beat. Throws RangeError on what is no JSON. */
export class NoteReader {
  readonly #decoder = new StringDecoder('utf8');
  #text = '';
  readonly #onNote: (message: GuestMessage | null) => void;

  constructor(onNote: (message: GuestMessage | null) => void) {
    this.#onNote = onNote;
  }

  push(chunk: Buffer): void {
    const lines = (this.#text + this.#decoder.write(chunk)).split('\n');
    this.#text = lines.pop() ?? '';
    if (this.#text.length > MAX_HEADER) throw new RangeError('a note without an end');
    for (const line of lines) this.#onNote(line === '' ? null : parseHeader(line));
  }
}
