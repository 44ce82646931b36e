/**
 * The reverse of segmentation, as the kernel's GRO does it: TCP segments of one flow that follow each other become one packet of up to 64 KiB,
 * for which the kernel does its work once. Only segments that segmentation gives back octet for octet are put together; everything else goes
 * through as it is, in the order of arrival.
 */
import {
  ACK,
  be16,
  be32,
  CWR,
  FIN,
  IP,
  IPV4_HEADER,
  PSH,
  pseudoSum,
  putBe16,
  RST,
  SYN,
  sealHeader,
  TCP_AT,
  TCP_HEADER,
  tcpStart,
  URG,
} from './ipv4-tcp.ts';
import { GSO_NONE, GSO_TCP4, NEEDS_CHECKSUM, VNET_HEADER, type VnetHeader, writeVnet } from './vnet.ts';
import { fold, sumOctets, Words } from './words.ts';

/** Octets as a word in the machine's order, here little-endian. */
function wordOf(a: number, b: number, c: number, d: number): number {
  return (a & 0xff) | ((b & 0xff) << 8) | ((c & 0xff) << 16) | ((d & 0xff) << 24);
}

/** Takes `length` octets from `at` on: a virtio_net_hdr and a packet made of that many. They are good until it returns. */
export type FrameSink = (memory: Uint8Array, at: number, length: number, packets: number) => void;

const MAX_PACKET = 65_535;
/** so that the IPv4 header behind the virtio_net_hdr is at a whole word */
const BEGIN = 2;
const PACKET = BEGIN + VNET_HEADER;
/**
 * Words of the packet that must be the same, and which of their octets: version, TOS; DF; TTL, protocol; addresses, ports; acknowledgment
 * number; data offset, flags that do not end a row, window; urgent pointer. Options follow.
 */
const SAME: readonly [at: number, mask: number][] = [
  [0, wordOf(0xff, 0xff, 0, 0)],
  [4, wordOf(0, 0, 0xff, 0xff)],
  [8, wordOf(0xff, 0xff, 0, 0)],
  [12, -1],
  [16, -1],
  [20, -1],
  [28, -1],
  [32, wordOf(0xff, ~(PSH | FIN), 0xff, 0xff)],
  [36, wordOf(0, 0, 0xff, 0xff)],
];
const OPTIONS = IPV4_HEADER + TCP_HEADER;
const UNMERGED = SYN | RST | URG | CWR;

export class Coalescer {
  /** where the next packet is put, with room for one of any length, before `add` */
  readonly in: Uint8Array;
  readonly #arrived = new Words(MAX_PACKET + 64);
  readonly #words = new Words(PACKET + MAX_PACKET);
  readonly #memory: Uint8Array;
  readonly #sink: FrameSink;
  readonly #vnet: VnetHeader = { flags: 0, gsoType: 0, headerLength: 0, gsoSize: 0, checksumStart: 0, checksumOffset: 0 };
  /** octets of what is held, 0: nothing */
  #held = 0;
  #segments = 0;
  /** of the segments held: octets of both headers, of payload (of all but the last) */
  #headers = 0;
  #size = 0;
  #nextSeq = 0;
  #nextIdentification = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
    this.#memory = this.#words.bytes;
    this.in = this.#arrived.bytes;
  }

  /** Takes the packet of `length` octets in `in`. */
  add(length: number): void {
    if (length <= 0 || length > MAX_PACKET) return;
    const payload = this.#mergeable(length);
    if (payload < 0) {
      this.flush();
      this.#hold(length);
      this.flush();
      return;
    }
    if (this.#held > 0 && this.#continues(payload)) this.#append(length, payload);
    else {
      this.flush();
      this.#begin(length, payload);
    }
    // what pushes or ends is not kept waiting, and a short segment can only be the last one
    if ((this.in[IPV4_HEADER + TCP_AT.flags]! & (PSH | FIN)) !== 0 || payload < this.#size) this.flush();
  }

  /** Hands over what is held. */
  flush(): void {
    if (this.#held === 0) return;
    const memory = this.#memory;
    const length = this.#held;
    this.#held = 0;
    const vnet = this.#vnet;
    const merged = this.#segments > 1;
    vnet.flags = merged ? NEEDS_CHECKSUM : 0;
    vnet.gsoType = merged ? GSO_TCP4 : GSO_NONE;
    vnet.headerLength = merged ? this.#headers : 0;
    vnet.gsoSize = merged ? this.#size : 0;
    vnet.checksumStart = merged ? IPV4_HEADER : 0;
    vnet.checksumOffset = merged ? TCP_AT.checksum : 0;
    writeVnet(memory, BEGIN, vnet);
    if (merged) {
      putBe16(memory, PACKET + IP.totalLength, length);
      sealHeader(memory, PACKET, IPV4_HEADER);
      putBe16(memory, PACKET + IPV4_HEADER + TCP_AT.checksum, pseudoSum(memory, PACKET, length - IPV4_HEADER));
    }
    const packets = this.#segments;
    this.#segments = 0;
    this.#sink(memory, BEGIN, VNET_HEADER + length, packets);
  }

  /** Octets of payload of a segment that may be put together with others, with right checksums; -1: it may not. */
  #mergeable(length: number): number {
    const packet = this.in;
    if (tcpStart(packet, 0, length) !== IPV4_HEADER) return -1;
    const flags = packet[IPV4_HEADER + TCP_AT.flags]!;
    if ((flags & UNMERGED) !== 0 || (flags & ACK) === 0) return -1;
    const payload = length - IPV4_HEADER - (packet[IPV4_HEADER + TCP_AT.offset]! >>> 4) * 4;
    if (payload === 0) return -1;
    if (sumOctets(packet, 0, IPV4_HEADER) !== 0xffff) return -1;
    const octets = length - IPV4_HEADER;
    return fold(pseudoSum(packet, 0, octets) + this.#arrived.sum(IPV4_HEADER, octets)) === 0xffff ? payload : -1;
  }

  #continues(payload: number): boolean {
    const packet = this.in;
    if (payload > this.#size || this.#held + payload > MAX_PACKET) return false;
    if (be32(packet, IPV4_HEADER + TCP_AT.seq) !== this.#nextSeq || be16(packet, IP.identification) !== this.#nextIdentification)
      return false;
    const arrived = this.#arrived;
    const held = this.#words;
    for (const [at, mask] of SAME) if (((arrived.word(at) ^ held.word(PACKET + at)) & mask) !== 0) return false;
    for (let at = OPTIONS; at < this.#headers; at += 4) if (arrived.word(at) !== held.word(PACKET + at)) return false;
    return true;
  }

  #begin(length: number, payload: number): void {
    this.#hold(length);
    this.#headers = length - payload;
    this.#size = payload;
    this.#expect(payload);
  }

  #append(length: number, payload: number): void {
    const memory = this.#memory;
    memory.set(this.in.subarray(this.#headers, length), PACKET + this.#held);
    memory[PACKET + FLAGS]! |= this.in[FLAGS]!;
    this.#held += payload;
    this.#segments += 1;
    this.#expect(payload);
  }

  #hold(length: number): void {
    this.#memory.set(this.in.subarray(0, length), PACKET);
    this.#held = length;
    this.#segments = 1;
  }

  #expect(payload: number): void {
    this.#nextSeq = (be32(this.in, IPV4_HEADER + TCP_AT.seq) + payload) >>> 0;
    this.#nextIdentification = (be16(this.in, IP.identification) + 1) & 0xffff;
  }
}

const FLAGS = IPV4_HEADER + TCP_AT.flags;
