/** Opens a capture of either format. Frames come in file order; nothing of a packet is interpreted here. */
import { open } from 'node:fs/promises';
import type { Frame } from '../../types/packet.ts';
import { SECTION } from './blocks.ts';
import { readClassic } from './classic.ts';
import { Clock } from './clock.ts';
import { isClassicMagic } from './gate.ts';
import { readPcapng } from './pcapng.ts';
import { type Capture, type CaptureInfo, formatError, type OnFrame, readError } from './types.ts';
import { Warnings } from './warnings.ts';

export interface ReadOptions {
  /** Unix second times count from; absent: the second of the first packet */
  epoch?: number;
}

/**
 * Streams the frames of a pcap (2.4, µs or ns) or pcapng (1.x) file, any byte order. A cut or corrupt tail ends the
 * reading, is flagged and keeps what came before. Throws E_PCAP_FORMAT (not a capture), E_PCAP_READ.
 */
export async function forEachFrame(path: string, options: ReadOptions, onFrame: OnFrame): Promise<CaptureInfo> {
  const head = await firstOctets(path);
  if (head.length < 4) throw formatError(path, head.length === 0 ? 'the capture is empty' : 'too short for a capture');
  const warnings = new Warnings();
  const clock = new Clock(options.epoch, warnings);
  const format = isClassicMagic(head) ? 'pcap' : head.readUInt32LE(0) === SECTION ? 'pcapng' : null;
  if (format === null) throw formatError(path, `not a capture: starts with ${head.toString('hex')}`);
  const truncated = await (format === 'pcap' ? readClassic : readPcapng)(path, clock, warnings, onFrame);
  return { format, epoch: clock.epoch, truncated, warnings: warnings.list() };
}

/** All frames of a capture in memory. Errors as in {@link forEachFrame}. */
export async function readCapture(path: string, options: ReadOptions = {}): Promise<Capture> {
  const frames: Frame[] = [];
  const info = await forEachFrame(path, options, (frame) => frames.push(frame));
  return { ...info, frames };
}

async function firstOctets(path: string): Promise<Buffer> {
  try {
    await using file = await open(path);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw readError(path, cause);
  }
}
