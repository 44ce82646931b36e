/**
 * To whom a TCP header belongs that the agent could read. SNOOP keeps the connections of each realm apart, whatever addresses they name: who
 * sends in clear, or has the keys of another tunnel, changes nothing of what it knows of a tunnel's.
 */
import { termsFor } from '../../mlipsec/agreement.ts';
import type { Selector } from '../../mlipsec/index.ts';
import { matches } from '../../mlipsec/inner.ts';
import type { AgentPlain } from '../../types/helper.ts';
import { ipv4, network } from '../address.ts';
import type { TcpView } from './tcp.ts';

/** of TCP in no tunnel at all */
export const CLEAR = 0;

interface OneWay {
  source: number;
  destination: number;
  innerSource: Selector;
  innerDestination: Selector;
  dynamic: AgentPlain['dynamic'];
  realm: number;
}

export class Realms {
  readonly #byEnds = new Map<string, number>();
  readonly #plain: OneWay[] = [];

  /** `plain`: tunnels whose packets may come without protection. */
  constructor(plain: readonly AgentPlain[]) {
    for (const { ends, inner, dynamic } of plain) {
      for (const [from, to] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const [source, destination] = [ipv4(ends[from]), ipv4(ends[to])];
        const [innerSource, innerDestination] = [network(inner[from]), network(inner[to])];
        this.#plain.push({ source, destination, innerSource, innerDestination, dynamic, realm: this.between(source, destination) });
      }
    }
  }

  /** Of tunnels between two outer addresses, whichever way. */
  between(a: number, b: number): number {
    const ends = a < b ? `${a} ${b}` : `${b} ${a}`;
    const realm = this.#byEnds.get(ends) ?? this.#byEnds.size + 1;
    this.#byEnds.set(ends, realm);
    return realm;
  }

  /** Of an IP-in-IP packet between two outer addresses with this in it: the tunnel's, if its ends agreed to send such without protection; or null. */
  ofPlain(source: number, destination: number, tcp: TcpView): number | null {
    for (const one of this.#plain) {
      if (one.source !== source || one.destination !== destination) continue;
      if (!matches(one.innerSource, tcp.source) || !matches(one.innerDestination, tcp.destination)) continue;
      if (termsFor(one.dynamic, { key: '', ports: [tcp.sourcePort, tcp.destinationPort] }).otherwise === 'plain') return one.realm;
    }
    return null;
  }
}
