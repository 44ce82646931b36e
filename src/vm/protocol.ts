/**
 * What the guest sends to the host over its virtio port: frames of two big-endian u32 lengths, a JSON header and raw
 * bytes. One direction only; the job reaches the guest inside the initramfs.
 */

import type { RunRequest } from '../run/context.ts';
import type { ProbeResult } from '../types/probe.ts';
import type { RunRecord } from '../types/run.ts';

export interface GuestJob {
  runs: (Omit<RunRequest, 'folder'> & { folder: string })[];
  /** features to check instead of runs, when given */
  probe?: boolean;
}

export type GuestMessage =
  | { type: 'hello'; kernel: string; strongswan: string; tools: Record<string, string>; cpus: number }
  | { type: 'start'; index: number }
  | { type: 'step'; index: number; phase: string; title: string }
  | { type: 'beat' }
  | { type: 'file'; path: string; mode: number }
  | { type: 'run'; index: number; record: RunRecord }
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
