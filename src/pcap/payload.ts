/** Reads the header roamlab's own flows put in front of every UDP payload (traffic/payload.ts has the layout). */
import { HEADER_LENGTH, MAGIC } from '../traffic/payload.ts';
import type { UdpFlowHeader } from '../types/packet.ts';

const VERSION = 1;

/** The flow header, `sent` in ns since `epoch` (a Unix second); null when the payload is not one of ours. */
export function parsePayload(payload: Uint8Array, epoch: number): UdpFlowHeader | null {
  if (payload.length < HEADER_LENGTH || u32(payload, 0) !== MAGIC || payload[4] !== VERSION) return null;
  const seconds = u32(payload, 16) * 2 ** 32 + u32(payload, 20);
  return { flow: u32(payload, 8), seq: u32(payload, 12), sent: (seconds - epoch) * 1e9 + u32(payload, 24) };
}

function u32(b: Uint8Array, at: number): number {
  return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;
}
