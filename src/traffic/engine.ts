/**
 * Sends and receives every UDP flow of a run from one thread with blocking calls: no event loop, no process per host.
 * Sockets are opened inside the nodes' network namespaces. The sender keeps an absolute schedule (a late packet does
 * not delay the next); the receiver takes the kernel's receive stamp.
 */
import {
  AF,
  bind,
  close,
  inNetworkNamespace,
  nanosecondsSince,
  poll,
  realtime,
  receive,
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

interface OpenFlow {
  spec: UdpEndpoint;
  sender: number;
  receiver: number;
  address: Uint8Array;
  payload: Buffer;
  interval: number;
  next: number;
  sent: number;
  refused: Record<string, number>;
  deliveries: DeliveryRecord[];
}

const family = (address: string): number => (address.includes(':') ? AF.INET6 : AF.INET);

function udpSocket(namespace: string, address: string, port: number): number {
  return inNetworkNamespace(namespace, () => {
    const fd = socket(family(address), SOCK.DGRAM, 0);
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

export class TrafficEngine {
  readonly #flows: OpenFlow[];
  readonly #epoch: number;
  readonly #buffer = Buffer.alloc(65_536);

  /** Opens every socket. Throws when an address is not there (yet). */
  constructor(flows: UdpEndpoint[], epoch: number) {
    this.#epoch = epoch;
    this.#flows = [];
    try {
      for (const spec of flows) this.#open(spec);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #open(spec: UdpEndpoint): void {
    const payload = Buffer.alloc(spec.size);
    initPayload(payload, spec.index);
    const receiver = udpSocket(spec.toNamespace, spec.destination, spec.port);
    receiveTime(receiver, this.#epoch); // turns stamping on; there is nothing to stamp yet
    const flow: OpenFlow = {
      spec,
      sender: -1,
      receiver,
      address: socketAddress(spec.destination, spec.port),
      payload,
      interval: 1e9 / spec.rate,
      next: 0,
      sent: 0,
      refused: {},
      deliveries: [],
    };
    this.#flows.push(flow);
    flow.sender = udpSocket(spec.fromNamespace, spec.source, 0);
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
    const now = realtime();
    stampPayload(flow.payload, flow.sent, now.seconds, now.nanoseconds);
    flow.sent++;
    const result = sendTo(flow.sender, flow.payload, flow.address);
    if (result < 0) flow.refused[-result] = (flow.refused[-result] ?? 0) + 1;
  }

  #drain(flow: OpenFlow): void {
    for (let got = receive(flow.receiver, this.#buffer); got > 0; got = receive(flow.receiver, this.#buffer)) {
      const at = receiveTime(flow.receiver, this.#epoch) ?? nanosecondsSince(this.#epoch);
      const header = readPayload(this.#buffer, got, this.#epoch);
      if (header !== null && header.flow === flow.spec.index) flow.deliveries.push([header.sequence, header.sent, at]);
    }
  }

  close(): void {
    for (const flow of this.#flows) {
      if (flow.sender >= 0) close(flow.sender);
      close(flow.receiver);
    }
  }
}
