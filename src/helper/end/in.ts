/** The way in: a packet from the network is opened, checked and written to the TUN interface. */
import { errnoText } from '../../host/errno.ts';
import { type Arrival, NotedReceiver } from '../../host/noted.ts';
import { pinned } from '../../host/pinned.ts';
import { writePacket } from '../../host/raw-socket.ts';
import { type Csa, decapsulateEcn, type OpenOptions, open, openTransport } from '../../mlipsec/index.ts';
import { checkInner } from '../../mlipsec/inner.ts';
import { u32 } from '../../mlipsec/octets.ts';
import type { ProtectionMode } from '../../types/experiment.ts';
import { ipv4, network } from '../address.ts';
import type { Source } from '../station.ts';
import type { EndContext } from './out.ts';

const ROOM = 65_536;
const ESP_HEADER = 8;
/** IPv4 and UDP header */
const UDP_HEADERS = 28;
const KEEPALIVE = 0xff;
/** why a packet is dropped on which congestion was noted, and which cannot say so to its ends (RFC 6040 section 4.2) */
export const CONGESTION = 'ce-on-not-ect';
/** errors of the descriptor, and not of something that arrived */
const FATAL = [-9 /* EBADF */, -88 /* ENOTSOCK */];

/** What both sources of an end do with a packet. */
abstract class Incoming implements Source {
  readonly fd: number;
  protected readonly context: EndContext;
  protected readonly receiver: NotedReceiver;
  protected readonly buffer: Uint8Array;
  protected readonly plain = pinned(ROOM);
  protected readonly checks: OpenOptions;

  constructor(fd: number, context: EndContext) {
    const { tunnel } = context;
    this.fd = fd;
    this.context = context;
    this.receiver = new NotedReceiver(fd);
    this.buffer = this.receiver.data;
    this.checks = { source: network(tunnel.remoteInner), destination: network(tunnel.localInner) };
  }

  /** When the packet received last came. */
  get arrival(): Arrival {
    return this.receiver.arrival;
  }

  take(): boolean {
    this.context.clock.start();
    const length = this.receive();
    if (length === 0) return false;
    if (length > 0) this.handle(length);
    return true;
  }

  /** Octets of a packet that is in the buffer now, 0 when none waits, or below: something was wrong, and is counted. */
  receive(): number {
    const { tunnel, counts } = this.context;
    const length = this.receiver.receive();
    if (length >= 0) return length;
    if (FATAL.includes(length)) throw new Error(`cannot receive for ${tunnel.name}: ${errnoText(length)}`);
    // what an ICMP message said of a packet sent before
    counts.refuse('receive-failed');
    return length;
  }

  /** What becomes of the first `length` octets of the buffer. */
  handle(length: number): void {
    this.context.clock.stage('receive');
    const refused = this.packet(length);
    if (refused !== null) this.context.counts.refuse(refused);
  }

  /** The first `length` octets of the buffer; null, or why they did not reach the TUN interface. */
  protected abstract packet(length: number): string | null;

  /** Where the payload of the IPv4 packet in the buffer begins; -1: it has none. */
  protected payloadAt(length: number): number {
    const header = (this.buffer[0]! & 15) * 4;
    return length < header || header < 20 ? -1 : header;
  }

  /** `tos`: of the outer header; null: there is but one. */
  protected deliver(mode: ProtectionMode, from: Uint8Array, length: number, wire: number, tos: number | null): string | null {
    const { policy, clock, counts, fds } = this.context;
    const reason = policy.accept(mode, from.subarray(0, length));
    if (reason !== null) return reason;
    if (tos !== null && !decapsulateEcn(from, tos)) return CONGESTION;
    const wrote = writePacket(fds.tun, from, length);
    clock.stage('tun write');
    if (wrote < 0) return 'tun-failed';
    counts.packet(mode, length, wire);
    return null;
  }
}

/** ESP, in IP or in UDP. */
export class EspIn extends Incoming {
  constructor(context: EndContext) {
    super(context.fds.esp, context);
  }

  protected packet(length: number): string | null {
    const { tunnel } = this.context;
    if (tunnel.mode === 'transport') return this.#transport(length);
    if (tunnel.encapsulation === 'udp') return this.#esp(0, length, length + UDP_HEADERS, this.receiver.tos);
    const at = this.payloadAt(length);
    return at < 0 ? 'bad-length' : this.#esp(at, length, length, this.buffer[1]!);
  }

  #esp(at: number, end: number, wire: number, tos: number): string | null {
    const { tunnel, keys, clock } = this.context;
    if (tunnel.encapsulation === 'udp' && end - at === 1 && this.buffer[at] === KEEPALIVE) return 'keepalive';
    if (end - at < ESP_HEADER) return 'bad-length';
    const spi = u32(this.buffer, at);
    // where UDP port 4500 has IKE, an SPI of 0 stands (RFC 3948 section 2.2)
    if (spi === 0) return tunnel.encapsulation === 'udp' ? 'ike' : 'wrong-spi';
    const { main, ipsec } = keys;
    if (main === null) return 'no-keys';
    const csa: Csa | null = spi === main.spi ? main : ipsec !== null && spi === ipsec.spi ? ipsec : null;
    if (csa === null) return 'wrong-spi';
    const opened = open(csa, this.buffer.subarray(at, end), this.plain, this.checks);
    if (!opened.ok) return opened.reason;
    clock.stage('open');
    return this.deliver(csa === main ? keys.mainMode : 'ipsec', this.plain, opened.length, wire, tos);
  }

  #transport(length: number): string | null {
    const { keys, clock, tunnel } = this.context;
    const at = this.payloadAt(length);
    if (at < 0 || length - at < ESP_HEADER) return 'bad-length';
    const { main } = keys;
    if (main === null) return 'no-keys';
    if (u32(this.buffer, at) !== main.spi) return 'wrong-spi';
    if (u32(this.buffer, 12) !== ipv4(tunnel.remote) || u32(this.buffer, 16) !== ipv4(tunnel.local)) return 'wrong-selector';
    const opened = openTransport(main, this.buffer.subarray(0, length), this.plain);
    if (!opened.ok) return opened.reason;
    clock.stage('open');
    return this.deliver('ipsec', this.plain, opened.length, length, null);
  }
}

/** Packets in clear, IP in IP (RFC 2003): only in dynamic mode, and only what was agreed on. */
export class PlainIn extends Incoming {
  protected packet(length: number): string | null {
    const at = this.payloadAt(length);
    if (at < 0) return 'bad-length';
    const inner = this.buffer.subarray(at, length);
    const octets = checkInner(inner, inner.length, this.checks);
    if (typeof octets === 'string') return octets;
    if (this.context.keys.main === null) return 'no-keys';
    return this.deliver('plain', inner, octets, length, this.buffer[1]!);
  }
}
