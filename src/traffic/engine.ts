/**
 * Sends and receives every UDP flow of a run from one thread with blocking calls: no event loop, no process per host.
 * Sockets are opened inside the nodes' network namespaces. The sender keeps an absolute schedule (a late packet does
 * not delay the next); the receiver takes the kernel's receive stamp.
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
  poll,
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
import { initPayload, readPayload, stampPayload } from './payload.ts';
import type { FlowResult, UdpEndpoint } from './protocol.ts';

/** A socket address, and the number of the packet that came from there; -1: none did. */
interface Peer {
  address: Uint8Array;
  latest: number;
}

interface OpenFlow {
  spec: UdpEndpoint;
  sender: number;
  receiver: number;
  /** where packets go: of an answering flow, the other flow's `origin` */
  target: Peer;
  /** where the latest packet came from */
  origin: Peer;
  /** where the packet last read came from; takes turns with the address in `origin` */
  from: Uint8Array;
  payload: Buffer;
  interval: number;
  next: number;
  sent: number;
  refused: Record<string, number>;
  deliveries: DeliveryRecord[];
}

const isSix = (address: string): boolean => address.includes(':');
/** No address of its own. */
const wildcard = (address: string): string => (isSix(address) ? '::' : '0.0.0.0');

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

function closedFlow(spec: UdpEndpoint): OpenFlow {
  const payload = Buffer.alloc(spec.size);
  initPayload(payload, spec.index);
  const address = socketAddress(spec.destination, spec.port);
  return {
    spec,
    sender: -1,
    receiver: -1,
    target: { address, latest: 0 },
    origin: { address: Buffer.alloc(address.length), latest: -1 },
    from: Buffer.alloc(address.length),
    payload,
    interval: 1e9 / spec.rate,
    next: 0,
    sent: 0,
    refused: {},
    deliveries: [],
  };
}

export class TrafficEngine {
  readonly #flows: OpenFlow[];
  readonly #epoch: number;
  readonly #buffer = Buffer.alloc(65_536);

  /** Opens every socket. Throws when an address is not there (yet), or a flow answers one that is not there. */
  constructor(flows: UdpEndpoint[], epoch: number) {
    this.#epoch = epoch;
    this.#flows = flows.map(closedFlow);
    try {
      for (const flow of this.#flows) if (flow.spec.answers === undefined) this.#open(flow);
      for (const flow of this.#flows) if (flow.spec.answers !== undefined) this.#share(flow);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #open(flow: OpenFlow): void {
    const { index, source, destination, port, fromNamespace, toNamespace } = flow.spec;
    flow.receiver = udpSocket(toNamespace, destination, port);
    receiveTime(flow.receiver, this.#epoch); // turns stamping on; there is nothing to stamp yet
    const answer = this.#flows.find(({ spec }) => spec.answers === index);
    flow.sender = udpSocket(fromNamespace, source ?? wildcard(destination), answer?.spec.port ?? 0);
  }

  /** The sockets of the flow that is answered serve this one too: `close` leaves them to it. */
  #share(flow: OpenFlow): void {
    const { name, answers } = flow.spec;
    const asked = this.#flows.find(({ spec }) => spec.index === answers && spec.answers === undefined);
    if (asked === undefined) throw new Error(`flow ${name} answers flow ${answers}, which does not send by itself`);
    flow.sender = asked.receiver;
    flow.receiver = asked.sender;
    receiveTime(flow.receiver, this.#epoch);
    flow.target = asked.origin;
  }

  /** Sends from `start` to `stop`, receives until `stop + drain`. */
  run(start: Nanoseconds, stop: Nanoseconds, drain: Nanoseconds): FlowResult[] {
    const receivers = this.#flows.map((f) => f.receiver);
    for (const flow of this.#flows) flow.next = start + flow.spec.phase * flow.interval;
    const end = stop + drain;
    for (;;) {
      const now = nanosecondsSince(this.#epoch);
      if (now >= end) break;
      let wake = end;
      for (const flow of this.#flows) {
        while (flow.next <= now && flow.next < stop) this.#send(flow);
        if (flow.next < stop) wake = Math.min(wake, flow.next);
      }
      if (poll(receivers, Math.max(0, wake - nanosecondsSince(this.#epoch)))) for (const flow of this.#flows) this.#drain(flow);
    }
    return this.#flows.map((f) => ({ name: f.spec.name, sent: f.sent, refused: f.refused, deliveries: f.deliveries }));
  }

  #send(flow: OpenFlow): void {
    flow.next += flow.interval;
    if (flow.target.latest < 0) return;
    const now = realtime();
    stampPayload(flow.payload, flow.sent, now.seconds, now.nanoseconds);
    flow.sent++;
    const result = sendTo(flow.sender, flow.payload, flow.target.address);
    if (result < 0) flow.refused[-result] = (flow.refused[-result] ?? 0) + 1;
  }

  #drain(flow: OpenFlow): void {
    const { origin } = flow;
    for (let got = this.#receive(flow); got > 0; got = this.#receive(flow)) {
      const at = receiveTime(flow.receiver, this.#epoch) ?? nanosecondsSince(this.#epoch);
      const header = readPayload(this.#buffer, got, this.#epoch);
      if (header === null || header.flow !== flow.spec.index) continue;
      flow.deliveries.push([header.sequence, header.sent, at]);
      if (header.sequence <= origin.latest) continue;
      const before = origin.address;
      origin.address = flow.from;
      origin.latest = header.sequence;
      flow.from = before;
    }
  }

  #receive(flow: OpenFlow): number {
    return receiveFrom(flow.receiver, this.#buffer, flow.from);
  }

  close(): void {
    for (const { spec, sender, receiver } of this.#flows) {
      if (spec.answers !== undefined) continue;
      if (sender >= 0) close(sender);
      if (receiver >= 0) close(receiver);
    }
  }
}
