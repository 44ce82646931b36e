/**
 * One UDP flow. The sender keeps an absolute schedule (a late packet does not delay the next); the receiver takes the kernel's
 * receive stamp.
 *
 * A flow that answers another goes where the other's latest packet came from, as a server answers a client whose address changes.
 * Latest is the highest number (RFC 9000 section 9.3 does the same): what arrives late over the old path does not turn the answers
 * back. Before the first packet of the other flow there is nowhere to send to: those places in the schedule pass, and the
 * first packet sent has number 0, so that every number that was used and did not arrive is a loss.
 */

import {
  AF,
  bind,
  close,
  inNetworkNamespace,
  nanosecondsSince,
  realtime,
  receiveFrom,
  receiveTime,
  SO_RCVBUF,
  SOCK,
  SOL_SOCKET,
  sendTo,
  setOption,
  socket,
  socketAddress,
} from '../host/libc.ts';
import type { DeliveryRecord, Nanoseconds } from '../types/run.ts';
import { isSix, wildcard } from './address.ts';
import { initPayload, readPayload, stampPayload } from './payload.ts';
import type { FlowResult, UdpEndpoint } from './protocol.ts';

/** A socket address, and the number of the packet that came from there; -1: none did. */
interface Peer {
  address: Uint8Array;
  latest: number;
}

function udpSocket(namespace: string, address: string, port: number): number {
  return inNetworkNamespace(namespace, () => {
    const fd = socket(isSix(address) ? AF.INET6 : AF.INET, SOCK.DGRAM, 0);
    try {
      setOption(fd, SOL_SOCKET, SO_RCVBUF, 4 << 20);
      bind(fd, socketAddress(address, port));
      return fd;
    } catch (error) {
      close(fd); // an open socket would keep the namespace alive
      throw new Error(`UDP socket on ${address} port ${port}: ${(error as Error).message}`, { cause: error });
    }
  });
}

const room = Buffer.alloc(65_536);

export class UdpFlow {
  readonly spec: UdpEndpoint;
  readonly #epoch: number;
  readonly #payload: Buffer;
  readonly #interval: number;
  readonly #deliveries: DeliveryRecord[] = [];
  readonly #refused: Record<string, number> = {};
  /** where packets go: of an answering flow, the other flow's `origin` */
  #target: Peer;
  /** where the latest packet came from */
  readonly #origin: Peer;
  /** where the packet last read came from; takes turns with the address in `origin` */
  #from: Uint8Array;
  #sender = -1;
  #receiver = -1;
  #next = 0;
  #stop = 0;
  #sent = 0;

  constructor(spec: UdpEndpoint, epoch: number) {
    this.spec = spec;
    this.#epoch = epoch;
    this.#payload = Buffer.alloc(spec.size);
    initPayload(this.#payload, spec.index);
    this.#interval = 1e9 / spec.rate;
    const address = socketAddress(spec.destination, spec.port);
    this.#target = { address, latest: 0 };
    this.#origin = { address: Buffer.alloc(address.length), latest: -1 };
    this.#from = Buffer.alloc(address.length);
  }

  get receiver(): number {
    return this.#receiver;
  }

  /** `answer`: the flow that answers this one, if any. Throws when an address is not there (yet). */
  open(answer: UdpEndpoint | undefined): void {
    const { source, destination, port, fromNamespace, toNamespace } = this.spec;
    this.#receiver = udpSocket(toNamespace, destination, port);
    receiveTime(this.#receiver, this.#epoch); // turns stamping on; there is nothing to stamp yet
    this.#sender = udpSocket(fromNamespace, source ?? wildcard(destination), answer?.port ?? 0);
  }

  /** The sockets of the flow that is answered serve this one too: `close` leaves them to it. */
  share(asked: UdpFlow): void {
    this.#sender = asked.#receiver;
    this.#receiver = asked.#sender;
    receiveTime(this.#receiver, this.#epoch);
    this.#target = asked.#origin;
  }

  begin(start: Nanoseconds, stop: Nanoseconds): void {
    this.#next = start + this.spec.phase * this.#interval;
    this.#stop = stop;
  }

  /** Sends what is due; returns when the next packet is. */
  send(now: Nanoseconds): Nanoseconds {
    while (this.#next <= now && this.#next < this.#stop) this.#sendOne();
    return this.#next < this.#stop ? this.#next : Number.POSITIVE_INFINITY;
  }

  #sendOne(): void {
    this.#next += this.#interval;
    if (this.#target.latest < 0) return;
    const now = realtime();
    stampPayload(this.#payload, this.#sent, now.seconds, now.nanoseconds);
    this.#sent++;
    const result = sendTo(this.#sender, this.#payload, this.#target.address);
    if (result < 0) this.#refused[-result] = (this.#refused[-result] ?? 0) + 1;
  }

  /** Reads everything that waits. */
  drain(): void {
    const origin = this.#origin;
    const stampRead = this.spec.stampRead === true;
    for (let got = receiveFrom(this.#receiver, room, this.#from); got > 0; got = receiveFrom(this.#receiver, room, this.#from)) {
      const read = stampRead ? nanosecondsSince(this.#epoch) : 0;
      const at = receiveTime(this.#receiver, this.#epoch) ?? nanosecondsSince(this.#epoch);
      const header = readPayload(room, got, this.#epoch);
      if (header === null || header.flow !== this.spec.index) continue;
      this.#deliveries.push(stampRead ? [header.sequence, header.sent, at, read] : [header.sequence, header.sent, at]);
      if (header.sequence <= origin.latest) continue;
      const before = origin.address;
      origin.address = this.#from;
      origin.latest = header.sequence;
      this.#from = before;
    }
  }

  result(): FlowResult {
    return { name: this.spec.name, sent: this.#sent, refused: this.#refused, deliveries: this.#deliveries };
  }

  close(): void {
    if (this.spec.answers !== undefined) return;
    if (this.#sender >= 0) close(this.#sender);
    if (this.#receiver >= 0) close(this.#receiver);
  }
}
