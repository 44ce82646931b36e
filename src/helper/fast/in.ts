/** The fast way in: rows of datagrams are opened one by one, and what TCP sent in a row is written to the TUN interface as one packet. */
import { errnoText } from '../../host/errno.ts';
import { EAGAIN } from '../../host/libc.ts';
import { writePacket } from '../../host/raw-socket.ts';
import { BatchReceiver } from '../../host/udp-gso.ts';
import { decapsulateEcn, type OpenOptions, open } from '../../mlipsec/index.ts';
import { network } from '../address.ts';
import { CONGESTION } from '../end/in.ts';
import type { EndContext } from '../end/out.ts';
import type { Source } from '../station.ts';
import { Coalescer } from './coalesce.ts';
import { be32, WIRE_HEADERS } from './ipv4-tcp.ts';

/** rows after which commands get their turn */
const TURN = 64;
const ESP_HEADER = 8;
const KEEPALIVE = 0xff;
/** errors of the descriptor, and not of something that arrived */
const FATAL = [-9 /* EBADF */, -88 /* ENOTSOCK */];

/** `tun` of the descriptors has a virtio_net_hdr, `esp` is a batch socket. */
export class FastIn implements Source {
  readonly fd: number;
  readonly #context: EndContext;
  readonly #receiver: BatchReceiver;
  readonly #coalescer: Coalescer;
  readonly #checks: OpenOptions;
  /** octets, inner and on the wire in turns, of packets the coalescer has */
  readonly #pending: number[] = [];

  constructor(context: EndContext) {
    const { tunnel, fds } = context;
    this.fd = fds.esp;
    this.#context = context;
    this.#checks = { source: network(tunnel.remoteInner), destination: network(tunnel.localInner) };
    this.#receiver = new BatchReceiver(fds.esp);
    this.#coalescer = new Coalescer((memory, at, length, packets) => {
      this.#count(packets, writePacket(fds.tun, memory.subarray(at), length) >= 0);
    });
  }

  /** The first of the pending packets were written to the TUN interface, or not. */
  #count(packets: number, isWritten: boolean): void {
    const { counts, keys } = this.#context;
    const octets = this.#pending.splice(0, 2 * packets);
    if (!isWritten) {
      counts.refuse('tun-failed', packets);
      return;
    }
    let [inner, wire] = [0, 0];
    for (let i = 0; i < octets.length; i += 2) {
      inner += octets[i]!;
      wire += octets[i + 1]!;
    }
    counts.packets(keys.mainMode, packets, inner, wire);
  }

  /** Handles what waits, some rows at most; what else waits is found by the next poll. */
  take(): boolean {
    const { tunnel, counts } = this.#context;
    const receiver = this.#receiver;
    for (let rows = 0; rows < TURN; rows++) {
      const got = receiver.receive();
      if (got === -EAGAIN) break;
      if (FATAL.includes(got)) throw new Error(`cannot receive for ${tunnel.name}: ${errnoText(got)}`);
      // what an ICMP message said of a packet sent before
      if (got < 0) counts.refuse('receive-failed');
      const { size } = receiver;
      for (let at = 0; at < got; at += size) {
        const refused = this.#packet(at, Math.min(size, got - at));
        if (refused !== null) counts.refuse(refused);
      }
    }
    this.#coalescer.flush();
    return false;
  }

  /** Why a datagram did not reach the TUN interface; null: it did, or will. */
  #packet(at: number, octets: number): string | null {
    const { keys } = this.#context;
    const { data, tos } = this.#receiver;
    // a NAT keepalive, or IKE behind four zeros (RFC 3948 sections 2.2 and 2.3)
    if (octets === 1 && data[at] === KEEPALIVE) return 'keepalive';
    if (octets < ESP_HEADER) return 'bad-length';
    const spi = be32(data, at);
    if (spi === 0) return 'ike';
    const { main } = keys;
    if (main === null) return 'no-keys';
    if (spi !== main.spi) return 'wrong-spi';
    const coalescer = this.#coalescer;
    const opened = open(main, data.subarray(at, at + octets), coalescer.in, this.#checks);
    if (!opened.ok) return opened.reason;
    if (!decapsulateEcn(coalescer.in, tos)) return CONGESTION;
    this.#pending.push(opened.length, octets + WIRE_HEADERS);
    coalescer.add(opened.length);
    return null;
  }
}
