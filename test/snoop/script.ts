/** Short ways to play packets to an agent. Times in ms, every packet of 100 octets, one connection. */
import { type FlowKey, type PacketReference, type SnoopAction, SnoopAgent, type SnoopParameters } from '../../src/snoop/index.ts';

export const FLOW: FlowKey = { fixed: 0x0a030002, fixedPort: 20, mobile: 0xc0a80105, mobilePort: 40_000 };
/** of a connection; its packets wrap after the third */
export const ISN = 2 ** 32 - 350;

/** The sequence number at an offset from ISN. */
export function at(offset: number): number {
  return (ISN + offset) >>> 0;
}

export class Script {
  readonly agent: SnoopAgent;
  readonly flow: FlowKey;
  #id = 0;
  now = 0;

  constructor(changes: Partial<SnoopParameters> = {}, flow = FLOW) {
    this.agent = new SnoopAgent(changes);
    this.flow = flow;
  }

  /** The packet number `index` from the fixed host; `more` is laid over the event. Actions as words. */
  data(index: number, more: { length?: number; flags?: object; queueFull?: boolean; offset?: number; flow?: FlowKey } = {}): string[] {
    const { offset = index * 100, length = 100, flow = this.flow, ...rest } = more;
    const reference: PacketReference = { id: ++this.#id, length: length + 84 };
    return words(this.agent.handle({ kind: 'data', at: this.now, flow, seq: at(offset), length, reference, ...rest }));
  }

  /** An ACK up to (not including) packet `index`. */
  ack(index: number, more: { window?: number; length?: number; flags?: object; sack?: boolean; offset?: number } = {}): string[] {
    const { offset = index * 100, window = 1000, length = 0, ...rest } = more;
    return words(this.agent.handle({ kind: 'ack', at: this.now, flow: this.flow, ack: at(offset), window, length, ...rest }));
  }

  timer(now = this.now): string[] {
    this.now = now;
    return words(this.agent.handle({ kind: 'timer', at: now }));
  }

  /** Packets from..to-1, then the ACK that makes `from` the awaited one, so that the next ACK of it is a duplicate. */
  window(from: number, to: number): void {
    for (let index = from; index < to; index += 1) this.data(index);
    this.ack(from);
  }
}

/** Actions as words: 'forward', 'cache 3', 'retransmit 3 timer', 'timer 100'. */
export function words(actions: SnoopAction[]): string[] {
  return actions.map((action) => {
    if (action.do === 'timer') return `timer ${action.at}`;
    if (action.do === 'retransmit') return `retransmit ${action.reference.id} ${action.cause}`;
    return 'reference' in action ? `${action.do} ${action.reference.id}` : action.do;
  });
}
