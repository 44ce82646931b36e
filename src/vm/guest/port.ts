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

const port = openPort();

function writeAll(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(port, bytes, at, Math.min(CHUNK, bytes.length - at));
}

/** Sends one frame; blocks while the host is slow. */
export const send = (message: GuestMessage, body?: Uint8Array): void => writeAll(encodeFrame(message, body));

export const closePort = (): void => closeSync(port);
