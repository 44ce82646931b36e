/**
 * Sends and receives every flow of a run from one thread with blocking calls: no event loop, no process per host. Sockets are opened
 * inside the nodes' network namespaces. What a kind of flow does is in udp.ts and stream.ts; here is the loop they share.
 */
import { nanosecondsSince } from '../host/libc.ts';
import { POLLIN, POLLOUT, PollSet } from '../host/poll-set.ts';
import type { Nanoseconds } from '../types/run.ts';
import type { AddressChange, AddressChanged, Endpoint, StreamEndpoint, TrafficResult } from './protocol.ts';
import { StreamFlow } from './stream.ts';
import { UdpFlow } from './udp.ts';

const isStream = (spec: Endpoint): spec is StreamEndpoint => spec.protocol === 'sctp' || spec.protocol === 'mptcp';
const made = (spec: Endpoint, epoch: number): UdpFlow | StreamFlow =>
  isStream(spec) ? new StreamFlow(spec, epoch) : new UdpFlow(spec, epoch);

/** ns: a queue in front of a slow link, and a retransmission timer or two */
const PATIENCE = 5e9;

export class TrafficEngine {
  /** as they were given */
  readonly #flows: (UdpFlow | StreamFlow)[];
  readonly #udp: UdpFlow[];
  readonly #streams: StreamFlow[];
  readonly #epoch: number;

  /** Opens every socket. Throws when an address is not there (yet), or a flow answers one that is not there, or a peer does not answer. */
  constructor(flows: Endpoint[], epoch: number) {
    this.#epoch = epoch;
    this.#flows = flows.map((spec) => made(spec, epoch));
    this.#udp = this.#flows.filter((flow) => flow instanceof UdpFlow);
    this.#streams = this.#flows.filter((flow) => flow instanceof StreamFlow);
    try {
      for (const flow of this.#udp) {
        if (flow.spec.answers === undefined) flow.open(this.#udp.find(({ spec }) => spec.answers === flow.spec.index)?.spec);
      }
      for (const flow of this.#udp) if (flow.spec.answers !== undefined) flow.share(this.#asked(flow));
      for (const flow of this.#streams) flow.open();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #asked({ spec: { name, answers } }: UdpFlow): UdpFlow {
    const asked = this.#udp.find(({ spec }) => spec.index === answers && spec.answers === undefined);
    if (asked === undefined) throw new Error(`flow ${name} answers flow ${answers}, which does not send by itself`);
    return asked;
  }

  /**
   * Sends from `start` to `stop`, receives until `stop + drain`, of an association or connection until everything has arrived or PATIENCE
   * is over, and changes addresses in between.
   */
  run(start: Nanoseconds, stop: Nanoseconds, drain: Nanoseconds, changes: readonly AddressChange[] = []): TrafficResult {
    const changed: (AddressChanged | null)[] = changes.map(() => null);
    const ahead = changes.map((change, place) => ({ change, place })).sort((a, b) => a.change.at - b.change.at);
    const udp = this.#udp;
    const streams = this.#streams;
    /** first the receivers of udp, then receiver and sender of each stream */
    const set = new PollSet(udp.length + 2 * streams.length);
    udp.forEach((flow, i) => {
      set.watch(i, flow.receiver, POLLIN);
    });
    for (const flow of this.#flows) flow.begin(start, stop);
    const pending = () => streams.some((flow) => flow.pending);
    for (;;) {
      const now = nanosecondsSince(this.#epoch);
      for (let next = ahead[0]; next !== undefined && next.change.at <= now; next = ahead[0]) {
        changed[next.place] = this.#change(next.change);
        ahead.shift();
      }
      const end = stop + (now < stop + drain || !pending() ? drain : PATIENCE);
      if (now >= end) break;
      let wake = Math.min(end, ahead[0]?.change.at ?? end);
      for (const flow of udp) wake = Math.min(wake, flow.send(now));
      for (let i = 0, place = udp.length; i < streams.length; i++, place += 2) {
        const flow = streams[i] as StreamFlow;
        wake = Math.min(wake, flow.send(now));
        if (flow.reading) set.watch(place, flow.receiver, POLLIN);
        else set.rest(place);
        if (flow.full) set.watch(place + 1, flow.sender, POLLOUT);
        else set.rest(place + 1);
      }
      if (!set.wait(Math.max(0, wake - nanosecondsSince(this.#epoch)))) continue;
      for (let i = 0; i < udp.length; i++) if (set.ready(i)) (udp[i] as UdpFlow).drain();
      for (let i = 0, place = udp.length; i < streams.length; i++, place += 2) {
        const flow = streams[i] as StreamFlow;
        if (set.ready(place)) flow.drain();
        if (set.ready(place + 1)) flow.roomy();
      }
    }
    return { flows: this.#flows.map((flow) => flow.result()), changed };
  }

  #change(change: AddressChange): AddressChanged {
    const flow = this.#streams.find(({ spec }) => spec.index === change.flow && spec.protocol === 'sctp');
    if (flow === undefined) throw new Error(`flow ${change.flow} has no addresses to change`);
    return flow.change(change);
  }

  close(): void {
    for (const flow of this.#flows) flow.close();
  }
}
