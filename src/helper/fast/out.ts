/** The fast way out: super-segments from the TUN interface are cut, sealed into one buffer, and sent in rows. */
import { errnoText } from '../../host/errno.ts';
import { readPacket } from '../../host/raw-socket.ts';
import { BatchSender } from '../../host/udp-gso.ts';
import { type Csa, type Selector, seal } from '../../mlipsec/index.ts';
import { matches } from '../../mlipsec/inner.ts';
import { network } from '../address.ts';
import type { EndContext } from '../end/out.ts';
import type { Source } from '../station.ts';
import { be32, IP, IPV4_HEADER, WIRE_HEADERS } from './ipv4-tcp.ts';
import { Row } from './row.ts';
import { Segmenter } from './segment.ts';
import { VNET_HEADER } from './vnet.ts';

const FRAME = VNET_HEADER + 65_535;
const EMSGSIZE = 90;
/** frames after which commands get their turn */
const TURN = 64;

/** `tun` of the descriptors has a virtio_net_hdr, `esp` is a batch socket. Stages are not timed: frames hold any number of packets. */
export class FastOut implements Source {
  readonly fd: number;
  readonly #context: EndContext;
  readonly #frame = new Uint8Array(FRAME);
  readonly #segmenter = new Segmenter();
  readonly #row: Row;
  readonly #from: Selector;
  readonly #to: Selector;

  constructor(context: EndContext) {
    const { tunnel, fds, counts } = context;
    this.fd = fds.tun;
    this.#context = context;
    this.#from = network(tunnel.localInner);
    this.#to = network(tunnel.remoteInner);
    this.#row = new Row(new BatchSender(fds.esp), ({ count, innerOctets, wireOctets }, result) => {
      if (result === 0) counts.packets(context.keys.mainMode, count, innerOctets, wireOctets);
      else counts.refuse(result === -EMSGSIZE ? 'too-big' : 'send-failed', count);
    });
  }

  /** Sends what waits, some frames at most; what else waits is found by the next poll. */
  take(): boolean {
    const { tunnel, keys, counts } = this.#context;
    for (let read = 0; read < TURN; read++) {
      const got = readPacket(this.fd, this.#frame);
      if (got < 0) throw new Error(`cannot read from ${tunnel.name}: ${errnoText(got)}`);
      if (got === 0) break;
      const refused = keys.main === null ? 'no-keys' : this.#send(keys.main, got);
      if (refused !== null) counts.refuse(refused);
    }
    this.#row.flush();
    return false;
  }

  /** Why a frame was not sent; null: it is in the row, or its packets are counted one by one. */
  #send(csa: Csa, length: number): string | null {
    const frame = this.#frame;
    if (length < VNET_HEADER + IPV4_HEADER || frame[VNET_HEADER]! >>> 4 !== 4) return 'bad-inner';
    const addresses = VNET_HEADER + IP.addresses;
    if (!matches(this.#from, be32(frame, addresses)) || !matches(this.#to, be32(frame, addresses + 4))) return 'wrong-selector';
    const segmenter = this.#segmenter;
    if (segmenter.begin(frame, length) < 0) return 'bad-inner';
    for (let octets = segmenter.next(); octets > 0; octets = segmenter.next()) {
      const refused = this.#seal(csa, octets);
      if (refused !== null) this.#context.counts.refuse(refused);
    }
    return null;
  }

  #seal(csa: Csa, octets: number): string | null {
    const inner = this.#segmenter.out;
    const row = this.#row;
    const place = row.place(csa.sealedLength(octets), inner[IP.tos]!);
    if (place === null) return 'bad-length';
    const sealed = seal(csa, inner.subarray(0, octets), place);
    if (!sealed.ok) return sealed.reason;
    row.add(sealed.length, octets, sealed.length + WIRE_HEADERS);
    return null;
  }
}
