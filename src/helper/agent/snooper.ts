/** Turns TCP headers into SNOOP's events: which side a packet comes from is told by the mobile hosts' networks. */

import type { Selector } from '../../mlipsec/index.ts';
import { matches } from '../../mlipsec/inner.ts';
import { type PacketReference, type SnoopAction, SnoopAgent, type SnoopEvent } from '../../snoop/index.ts';
import type { SnoopSettings } from '../../types/experiment.ts';
import type { TcpView } from './tcp.ts';

export class Snooper {
  readonly agent: SnoopAgent;
  readonly #mobile: readonly Selector[];

  constructor(settings: SnoopSettings, mobile: readonly Selector[]) {
    const { initialRto, minRto, persistTimeout, garbageTimeout, maxWindow, maxConnections, maxRxmit, dupThresh } = settings;
    this.#mobile = mobile;
    this.agent = new SnoopAgent({
      ...{ maxWindow, maxConnections, maxRxmit, dupThresh },
      ...{ initialRto: initialRto * 1000, minRto: minRto * 1000 },
      ...{ persistTimeout: persistTimeout * 1000, garbageTimeout: garbageTimeout * 1000 },
    });
  }

  /** `realm`: whose header it is (agent/realms.ts). `at` in ms. Null: not between a fixed and a mobile host, or nothing SNOOP knows. */
  see(tcp: TcpView, realm: number, reference: PacketReference, at: number): SnoopAction[] | null {
    const event = this.#event(tcp, realm, reference, at);
    return event === null ? null : this.agent.handle(event);
  }

  #event(tcp: TcpView, realm: number, reference: PacketReference, at: number): SnoopEvent | null {
    const { source, sourcePort, destination, destinationPort, seq, ack, window, length, flags, hasAck, sack } = tcp;
    const toMobile = this.#isMobile(destination);
    if (toMobile === this.#isMobile(source)) return null;
    if (toMobile) {
      const flow = { fixed: source, fixedPort: sourcePort, mobile: destination, mobilePort: destinationPort, realm };
      return { kind: 'data', at, flow, seq, length, flags, reference };
    }
    if (!hasAck && !flags.syn && !flags.rst) return null;
    const flow = { fixed: destination, fixedPort: destinationPort, mobile: source, mobilePort: sourcePort, realm };
    return { kind: 'ack', at, flow, ack, window, length, flags, ...(sack !== null && { sack }) };
  }

  #isMobile(address: number): boolean {
    for (const network of this.#mobile) if (matches(network, address)) return true;
    return false;
  }
}
