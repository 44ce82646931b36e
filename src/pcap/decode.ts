/** Frames to packets. Any octets decode to a packet; what is not understood stays at its default. */
import type { Frame, Packet } from '../types/packet.ts';
import { EspDecoder } from './esp/index.ts';
import { forEachFrame, type ReadOptions } from './file/index.ts';
import type { CaptureInfo } from './file/types.ts';
import { decodeIke } from './ike/index.ts';
import { decodeIp } from './ip/index.ts';
import { innerIpv4 } from './ip/ipip.ts';
import type { KeyRing } from './keys/ring.ts';
import { LINK_DECODERS, type LinkDecoder } from './link/index.ts';
import { newPacket, type Secured } from './packet.ts';

class Decoder implements Secured {
  readonly #keys: KeyRing | null;
  readonly #esp: EspDecoder;
  #linkType = -1;
  #link: LinkDecoder | undefined;

  constructor(keys: KeyRing | null, batched: boolean) {
    this.#keys = keys;
    this.#esp = new EspDecoder(keys, this, batched);
  }

  decode(frame: Frame): Packet {
    const packet = newPacket(frame.t);
    if (frame.linkType !== this.#linkType) {
      this.#linkType = frame.linkType;
      this.#link = LINK_DECODERS.get(frame.linkType);
    }
    if (this.#link === undefined) return packet;
    const b = asBuffer(frame.data);
    const ipAt = this.#link(packet, b);
    if (ipAt >= 0) decodeIp(packet, b, ipAt, b.length, this, 0);
    return packet;
  }

  flush(): void {
    this.#esp.flush();
  }

  ike(packet: Packet, b: Buffer, start: number, end: number): void {
    packet.ike = decodeIke(b, start, end, this.#keys);
  }

  esp(packet: Packet, b: Buffer, start: number, end: number, udpEncap: boolean, depth: number): void {
    this.#esp.decode(packet, b, start, end, udpEncap, depth);
  }

  ipip(packet: Packet, b: Buffer, start: number, end: number, depth: number): void {
    packet.ipip = innerIpv4(packet, b, start, end, this, depth);
  }
}

const keyless = new Decoder(null, false);
const decoders = new WeakMap<KeyRing, Decoder>();

/** Decodes one frame, through ESP and IKE when `keys` has what it takes. Never throws. */
export function decodeFrame(frame: Frame, keys?: KeyRing): Packet {
  if (keys === undefined) return keyless.decode(frame);
  let decoder = decoders.get(keys);
  if (decoder === undefined) {
    decoder = new Decoder(keys, false);
    decoders.set(keys, decoder);
  }
  return decoder.decode(frame);
}

/** The same for all frames of a capture, with ESP deciphered in bulk: several times faster when there is much of it. */
export function decodeFrames(frames: readonly Frame[], keys?: KeyRing): Packet[] {
  const decoder = new Decoder(keys ?? null, true);
  const packets = frames.map((frame) => decoder.decode(frame));
  decoder.flush();
  return packets;
}

export interface PacketCapture extends CaptureInfo {
  packets: Packet[];
}

/**
 * Reads and decodes a capture in one go, in bulk, without keeping its frames. Throws E_PCAP_FORMAT (not a capture),
 * E_PCAP_READ.
 */
export async function readPackets(path: string, options: ReadOptions & { keys?: KeyRing } = {}): Promise<PacketCapture> {
  const decoder = new Decoder(options.keys ?? null, true);
  const packets: Packet[] = [];
  const info = await forEachFrame(path, options, (frame) => packets.push(decoder.decode(frame)));
  decoder.flush();
  return { ...info, packets };
}

function asBuffer(data: Uint8Array): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
