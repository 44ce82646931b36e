/** The one place a Packet is made, so that all of them have the same shape, and what the layers hand each other. */
import type { Packet } from '../types/packet.ts';
import type { Nanoseconds } from '../types/run.ts';

export const EMPTY = new Uint8Array(0);

export function newPacket(t: Nanoseconds): Packet {
  return {
    t,
    srcMac: null,
    dstMac: null,
    direction: null,
    ipVersion: 0,
    src: '',
    dst: '',
    protocol: -1,
    length: 0,
    fragment: false,
    srcPort: 0,
    dstPort: 0,
    tcp: null,
    sctp: null,
    payload: EMPTY,
    ike: null,
    esp: null,
  };
}

/** A view of octets `start` to `end`; what is not there stays away. */
export function view(b: Buffer, start: number, end: number): Uint8Array {
  return end > start ? b.subarray(start, end) : EMPTY;
}

/**
 * What the transport layer does with the two protocols that need keys. Handed down instead of imported, because what
 * ESP protects is IP again.
 */
export interface Secured {
  ike(packet: Packet, b: Buffer, start: number, end: number): void;
  /** `depth`: how many ESP layers are around this one */
  esp(packet: Packet, b: Buffer, start: number, end: number, udpEncap: boolean, depth: number): void;
}
