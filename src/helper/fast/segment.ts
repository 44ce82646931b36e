/**
 * What the kernel leaves to a network interface that segments (TSO): a TCP packet of up to 64 KiB with one header is cut into packets of the
 * segment size, each with addresses, numbers, flags and checksums of its own. Any other packet may still lack its checksum.
 */
import { be16, be32, CWR, FIN, IP, PSH, pseudoSum, putBe16, putBe32, sealHeader, TCP_AT, tcpStart } from './ipv4-tcp.ts';
import { GSO_ECN, GSO_NONE, GSO_TCP4, NEEDS_CHECKSUM, readVnet, VNET_HEADER, type VnetHeader } from './vnet.ts';
import { fold, Words } from './words.ts';

const MAX_PACKET = 65_535;

export class Segmenter {
  /** where the packets are made; good until the next one */
  readonly out: Uint8Array;
  readonly #words = new Words(MAX_PACKET);
  readonly #vnet: VnetHeader = { flags: 0, gsoType: 0, headerLength: 0, gsoSize: 0, checksumStart: 0, checksumOffset: 0 };
  #frame: Uint8Array = new Uint8Array(0);
  #length = 0;
  /** of the IPv4 header; of both */
  #ip = 0;
  #headers = 0;
  #size = 0;
  /** octets of payload already cut off */
  #done = 0;
  #count = 0;
  #index = 0;
  #seq = 0;
  #flags = 0;
  #identification = 0;
  #constant = 0;

  constructor() {
    this.out = this.#words.bytes;
  }

  /**
   * Takes `frame`, a virtio_net_hdr and a packet as they were read from the TUN interface, `length` octets in all. Returns how many packets
   * it makes, or -1 when it is none that the kernel would hand over.
   */
  begin(frame: Uint8Array, length: number): number {
    this.#count = -1;
    this.#index = 0;
    if (length <= VNET_HEADER || length > frame.length || length - VNET_HEADER > MAX_PACKET) return -1;
    readVnet(frame, this.#vnet);
    this.#frame = frame;
    this.#length = length - VNET_HEADER;
    const kind = this.#vnet.gsoType & ~GSO_ECN;
    if (kind === GSO_NONE) this.#count = this.#checksumFits() ? 1 : -1;
    else if (kind === GSO_TCP4) this.#count = this.#beginTcp();
    return this.#count;
  }

  /** Writes the next packet to the beginning of `out`. Returns its octets; 0 after the last. */
  next(): number {
    if (this.#index >= this.#count) return 0;
    this.#index += 1;
    return (this.#vnet.gsoType & ~GSO_ECN) === GSO_NONE ? this.#whole() : this.#segment();
  }

  #checksumFits(): boolean {
    const { flags, checksumStart, checksumOffset } = this.#vnet;
    // a checksum starts where a header ends, and those are whole words
    return (flags & NEEDS_CHECKSUM) === 0 || ((checksumStart & 3) === 0 && checksumStart + checksumOffset + 2 <= this.#length);
  }

  #beginTcp(): number {
    const frame = this.#frame;
    const { gsoSize } = this.#vnet;
    const ip = tcpStart(frame, VNET_HEADER, this.#length);
    if (ip === 0 || gsoSize === 0) return -1;
    const tcp = VNET_HEADER + ip;
    this.#ip = ip;
    this.#headers = ip + (frame[tcp + TCP_AT.offset]! >>> 4) * 4;
    this.#size = gsoSize;
    this.#done = 0;
    this.#seq = be32(frame, tcp + TCP_AT.seq);
    this.#flags = frame[tcp + TCP_AT.flags]!;
    this.#identification = be16(frame, VNET_HEADER + IP.identification);
    this.#constant = pseudoSum(frame, VNET_HEADER, 0);
    this.out.set(frame.subarray(VNET_HEADER, VNET_HEADER + this.#headers));
    return Math.max(1, Math.ceil((this.#length - this.#headers) / gsoSize));
  }

  #segment(): number {
    const { out } = this;
    const ip = this.#ip;
    const headers = this.#headers;
    const rest = this.#length - headers - this.#done;
    const payload = rest < this.#size ? rest : this.#size;
    const total = headers + payload;
    const from = VNET_HEADER + headers + this.#done;
    out.set(this.#frame.subarray(from, from + payload), headers);
    putBe16(out, IP.totalLength, total);
    putBe16(out, IP.identification, this.#identification + this.#index - 1);
    sealHeader(out, 0, ip);
    putBe32(out, ip + TCP_AT.seq, this.#seq + this.#done);
    let flags = this.#flags;
    if (this.#index < this.#count) flags &= ~(FIN | PSH);
    if (this.#index > 1) flags &= ~CWR;
    out[ip + TCP_AT.flags] = flags;
    putBe16(out, ip + TCP_AT.checksum, 0);
    const octets = total - ip;
    putBe16(out, ip + TCP_AT.checksum, ~fold(this.#constant + octets + this.#words.sum(ip, octets)));
    this.#done += payload;
    return total;
  }

  #whole(): number {
    const { out } = this;
    const { flags, checksumStart, checksumOffset } = this.#vnet;
    const length = this.#length;
    out.set(this.#frame.subarray(VNET_HEADER, VNET_HEADER + length));
    if ((flags & NEEDS_CHECKSUM) !== 0) {
      const at = checksumStart + checksumOffset;
      const checksum = ~this.#words.sum(checksumStart, length - checksumStart) & 0xffff;
      // UDP's 0 means none (RFC 768)
      putBe16(out, at, checksum === 0 && checksumOffset === UDP_CHECKSUM ? 0xffff : checksum);
    }
    return length;
  }
}

const UDP_CHECKSUM = 6;
