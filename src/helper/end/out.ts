/** The way out: a packet from the TUN interface is protected and sent. */
import { errnoText } from '../../host/errno.ts';
import { socketAddress } from '../../host/libc.ts';
import { pinned } from '../../host/pinned.ts';
import { readPacket, sendPacket } from '../../host/raw-socket.ts';
import { type Csa, type Selector, seal, sealTransport, writeOuter } from '../../mlipsec/index.ts';
import { matches } from '../../mlipsec/inner.ts';
import { putU16, u16, u32 } from '../../mlipsec/octets.ts';
import type { ProtectionMode } from '../../types/experiment.ts';
import type { HelperTunnel } from '../../types/helper.ts';
import { ipv4, network } from '../address.ts';
import { UDP_PORT } from '../descriptors.ts';
import type { EndDescriptors } from '../protocol.ts';
import type { StageClock } from '../stages.ts';
import type { Source } from '../station.ts';
import type { Counts } from './counts.ts';
import type { EndKeys } from './keys.ts';
import type { ModePolicy } from './policy.ts';

const ROOM = 65_536;
const IP_HEADER = 20;
const UDP_HEADER = 8;
const UDP = 17;
const ESP = 50;
const IP_IN_IP = 4;
const EMSGSIZE = -90;

export interface EndContext {
  tunnel: HelperTunnel;
  fds: EndDescriptors;
  /** null: the sockets are connected */
  address?: Uint8Array | null;
  keys: EndKeys;
  counts: Counts;
  policy: ModePolicy;
  clock: StageClock;
}

/** A packet to be sent behind headers that were written once: IPv4, and UDP without a checksum (RFC 3948 section 2.1). */
class Outgoing {
  readonly packet = pinned(ROOM);
  readonly payload: Uint8Array;
  readonly #headers: number;

  constructor(local: string, remote: string, protocol: number) {
    const { packet } = this;
    writeOuter(packet, { source: ipv4(local), destination: ipv4(remote), payload: 0 });
    packet[9] = protocol;
    this.#headers = protocol === UDP ? IP_HEADER + UDP_HEADER : IP_HEADER;
    this.payload = packet.subarray(this.#headers);
    if (protocol !== UDP) return;
    putU16(packet, IP_HEADER, UDP_PORT);
    putU16(packet, IP_HEADER + 2, UDP_PORT);
  }

  /** Completes the headers but for IPv4's checksum, which is the kernel's. Returns the octets of the packet. */
  finish(payload: number, tos: number, identification: number): number {
    const { packet } = this;
    const length = this.#headers + payload;
    packet[1] = tos;
    putU16(packet, 2, length);
    putU16(packet, 4, identification);
    if (this.#headers > IP_HEADER) putU16(packet, IP_HEADER + 4, UDP_HEADER + payload);
    return length;
  }
}

export class Out implements Source {
  readonly fd: number;
  readonly #context: EndContext;
  readonly #address: Uint8Array | null;
  readonly #buffer = new Uint8Array(ROOM);
  readonly #esp: Outgoing;
  readonly #plain: Outgoing;
  readonly #from: Selector;
  readonly #to: Selector;
  readonly #isTransport: boolean;
  #identification = 0;

  constructor(context: EndContext) {
    const { tunnel, fds, address = socketAddress(tunnel.remote, 0) } = context;
    this.fd = fds.tun;
    this.#context = context;
    this.#address = address;
    this.#esp = new Outgoing(tunnel.local, tunnel.remote, tunnel.encapsulation === 'udp' ? UDP : ESP);
    this.#plain = new Outgoing(tunnel.local, tunnel.remote, IP_IN_IP);
    this.#isTransport = tunnel.mode === 'transport';
    this.#from = network(this.#isTransport ? tunnel.local : tunnel.localInner);
    this.#to = network(this.#isTransport ? tunnel.remote : tunnel.remoteInner);
  }

  take(): boolean {
    const { clock, counts } = this.#context;
    clock.start();
    const length = readPacket(this.fd, this.#buffer);
    if (length <= 0) {
      if (length < 0) throw new Error(`cannot read from ${this.#context.tunnel.name}: ${errnoText(length)}`);
      return false;
    }
    clock.stage('tun read');
    const refused = this.#packet(this.#buffer.subarray(0, length));
    if (refused !== null) counts.refuse(refused);
    return true;
  }

  /** Null, or why it was not sent. */
  #packet(inner: Uint8Array): string | null {
    const { keys, policy, clock } = this.#context;
    if (inner.length < IP_HEADER || inner[0]! >>> 4 !== 4) return 'bad-inner';
    if (u16(inner, 2) !== inner.length) return 'bad-total-length';
    if (!matches(this.#from, u32(inner, 12)) || !matches(this.#to, u32(inner, 16))) return 'wrong-selector';
    const { main } = keys;
    if (main === null) return 'no-keys';
    if (this.#isTransport) return this.#transport(main, inner);
    const mode = policy.chooseMode(inner) ?? keys.mainMode;
    if (mode === 'plain') {
      this.#plain.payload.set(inner);
      return this.#raw(this.#plain, 'plain', inner, inner.length);
    }
    const csa = mode === 'ipsec' && keys.ipsec !== null ? keys.ipsec : main;
    const out = this.#esp;
    const sealed = seal(csa, inner, out.payload);
    if (!sealed.ok) return sealed.reason;
    clock.stage('seal');
    return this.#raw(out, mode, inner, sealed.length);
  }

  /** The header's identification is of no use with Don't Fragment (RFC 6864), but 0 would have the kernel choose one, not by the seed. */
  #raw(out: Outgoing, mode: ProtectionMode, inner: Uint8Array, payload: number): string | null {
    const { fds, counts, clock } = this.#context;
    this.#identification = (this.#identification % 0xffff) + 1;
    const length = out.finish(payload, inner[1]!, this.#identification);
    const sent = sendPacket(fds.raw, out.packet, length, this.#address);
    clock.stage('send');
    if (sent < 0) return failure(sent);
    counts.packet(mode, inner.length, length);
    return null;
  }

  #transport(csa: Csa, packet: Uint8Array): string | null {
    const { fds, counts, clock } = this.#context;
    const out = this.#esp.packet;
    const sealed = sealTransport(csa, packet, out);
    if (!sealed.ok) return sealed.reason;
    clock.stage('seal');
    const sent = sendPacket(fds.raw, out, sealed.length, this.#address);
    clock.stage('send');
    if (sent < 0) return failure(sent);
    counts.packet('ipsec', packet.length, sealed.length);
    return null;
  }
}

const failure = (result: number): string => (result === EMSGSIZE ? 'too-big' : 'send-failed');
