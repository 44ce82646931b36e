/** The one place a Packet is made, so that all of them have the same shape, and what the layers hand each other. */
import type { Packet } from '../types/packet.ts';
import type { Nanoseconds } from '../types/run.ts';

export const EMPTY = new Uint8Array(0);
/** Packets in packets in packets... ; a capture nests at most two */
export const MAX_DEPTH = 4;

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
    ipip: null,
  };
}

/** A view of octets `start` to `end`; what is not there stays away. */
export function view(b: Buffer, start: number, end: number): Uint8Array {
  return end > start ? b.subarray(start, end) : EMPTY;
}

/**
 * What the transport layer does with the two protocols that need keys, and with IP in IP. Handed down instead of imported, because what
 * is inside is IP again.
 */
export interface Secured {
  ike(packet: Packet, b: Buffer, start: number, end: number): void;
  /** `depth`: how many layers of ESP or IP are around this one */
  esp(packet: Packet, b: Buffer, start: number, end: number, udpEncap: boolean, depth: number): void;
  ipip(packet: Packet, b: Buffer, start: number, end: number, depth: number): void;
}
