/** The guest's end of the virtio port. */
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { encodeFrame, type GuestMessage } from '../protocol.ts';

const CHUNK = 1 << 20;

function openPort(): number {
  for (const name of readdirSync('/sys/class/virtio-ports')) {
    if (readFileSync(`/sys/class/virtio-ports/${name}/name`, 'utf8').trim() === 'roamlab') return openSync(`/dev/${name}`, 'r+');
  }
  throw new Error('no virtio port named roamlab');
}

let opened: number | null = null;

function writeAll(bytes: Uint8Array): void {
  opened ??= openPort();
  for (let at = 0; at < bytes.length; ) at += writeSync(opened, bytes, at, Math.min(CHUNK, bytes.length - at));
}

/** Sends one frame; blocks while the host is slow. */
export const send = (message: GuestMessage, body?: Uint8Array): void => writeAll(encodeFrame(message, body));

export function closePort(): void {
  if (opened !== null) closeSync(opened);
  opened = null;
}
