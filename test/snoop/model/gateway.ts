/** The foreign agent of the model: it keeps packets, carries out what the SNOOP agent says, and holds it to its promises. */
import { type SnoopAction, SnoopAgent, type SnoopParameters } from '../../../src/snoop/index.ts';
import { FLOW } from '../script.ts';
import type { Ack, Segment } from './packets.ts';
import type { World } from './world.ts';

interface Ports {
  toMobile: (segment: Segment, first: boolean) => void;
  toFixed: (ack: Ack) => void;
  queueFull: () => boolean;
}

export class Gateway {
  readonly agent: SnoopAgent;
  readonly #world: World;
  readonly #ports: Ports;
  readonly #store = new Map<number, Segment>();
  readonly #forwarded = new Set<number>();
  readonly #acksPassed = new Set<number>();
  /** the highest the mobile has given since the agent knows the connection; null before the first */
  #highestAck: number | null = null;
  /** the sender repeated what the mobile has: it lacks the ACK */
  #asked = false;
  #cancel = () => {};

  constructor(world: World, changes: Partial<SnoopParameters>, ports: Ports) {
    this.#world = world;
    this.agent = new SnoopAgent(changes);
    this.#ports = ports;
  }

  fromFixed(segment: Segment): void {
    const { id, octets, seq, payload, fin } = segment;
    const actions = this.agent.handle({
      kind: 'data',
      at: this.#world.now,
      flow: FLOW,
      seq,
      length: payload.length,
      flags: { fin },
      reference: { id, length: octets },
      queueFull: this.#ports.queueFull(),
    });
    must(count(actions, 'forward') === 1 && count(actions, 'suppress') === 0, 'data is forwarded once');
    if (this.#highestAck !== null && ((endOf(segment) - this.#highestAck) | 0) <= 0) this.#asked = true;
    this.#carryOut(actions, segment);
  }

  fromMobile(ack: Ack): void {
    const event = { kind: 'ack', at: this.#world.now, flow: FLOW, ack: ack.ack, window: ack.window, length: 0 } as const;
    const actions = this.agent.handle(event);
    must(count(actions, 'forward') + count(actions, 'suppress') === 1, 'an ACK is either forwarded or suppressed');
    if (this.#highestAck === null || ((ack.ack - this.#highestAck) | 0) > 0) this.#highestAck = ack.ack;
    if (count(actions, 'suppress') === 1) {
      must(this.#acksPassed.has(ack.ack), 'only an ACK that passed before is suppressed');
      must(ack.ack === this.#highestAck, 'only the highest ACK is suppressed');
      must(!this.#asked, 'a sender that lacks the ACK gets it');
    } else {
      if (ack.ack === this.#highestAck) this.#asked = false;
      this.#acksPassed.add(ack.ack);
      this.#ports.toFixed(ack);
    }
    this.#carryOut(actions, null);
  }

  #carryOut(actions: SnoopAction[], segment: Segment | null): void {
    for (const action of actions) {
      if (action.do === 'cache') {
        must(segment?.id === action.reference.id, 'only the packet of the event is cached');
        this.#store.set(action.reference.id, segment!);
      } else if (action.do === 'drop') {
        must(this.#store.delete(action.reference.id), 'only cached packets are dropped, and once');
      } else if (action.do === 'retransmit') {
        this.#retransmit(action.reference.id);
      } else if (action.do === 'timer') {
        this.#cancel();
        must(action.at >= this.#world.now, 'timers are not in the past');
        const handle = () => this.#carryOut(this.agent.handle({ kind: 'timer', at: this.#world.now }), null);
        this.#cancel = this.#world.after(action.at - this.#world.now, handle);
      } else if (action.do === 'forward' && segment !== null) {
        this.#forwarded.add(segment.id);
        this.#ports.toMobile(segment, false);
      }
    }
    if (this.agent.connections === 0) {
      this.#highestAck = null;
      this.#asked = false;
    }
    must(this.#store.size === this.agent.cachedPackets, 'what is cached here is what the agent says');
    must(this.#store.size <= this.agent.parameters.maxWindow, 'the cache is bounded');
    must(this.agent.connections <= this.agent.parameters.maxConnections, 'the connections are bounded');
  }

  #retransmit(id: number): void {
    const kept = this.#store.get(id);
    must(kept !== undefined && this.#forwarded.has(id), 'only what was forwarded, and is cached, is sent again');
    must(this.#highestAck === null || ((endOf(kept!) - this.#highestAck) | 0) > 0, 'nothing acknowledged is sent again');
    this.#ports.toMobile(kept!, true);
  }
}

/** May be 2^32 and above: distances are taken modulo that. */
function endOf({ seq, payload, fin }: Segment): number {
  return seq + payload.length + (fin ? 1 : 0);
}

function count(actions: SnoopAction[], what: SnoopAction['do']): number {
  return actions.filter((action) => action.do === what).length;
}

function must(holds: boolean, promise: string): void {
  if (!holds) throw new Error(`broken: ${promise}`);
}
