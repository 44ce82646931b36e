/** The composite SAs a foreign agent can open the first zone of, by destination and SPI (RFC 4301 section 4.1). */
import type { Csa } from '../../mlipsec/index.ts';
import { ipv4 } from '../address.ts';
import { makeCsa } from '../csa.ts';
import type { AgentKeys } from '../protocol.ts';
import type { Realms } from './realms.ts';

interface Known {
  destination: number;
  /** of the tunnel */
  realm: number;
  csa: Csa;
}

export class AgentCsas {
  readonly #bySpi = new Map<number, Known[]>();
  readonly #realms: Realms;

  constructor(realms: Realms) {
    this.#realms = realms;
  }

  find(destination: number, spi: number): Known | null {
    const found = this.#bySpi.get(spi);
    if (found === undefined) return null;
    for (const one of found) if (one.destination === destination) return one;
    return null;
  }

  /** Takes new ones in the place of those there are. Throws, with these in force still, when one is not right. */
  set({ csas }: AgentKeys): void {
    const made: Known[] = [];
    try {
      for (const keys of csas) {
        const destination = ipv4(keys.dst);
        made.push({ destination, realm: this.#realms.between(ipv4(keys.src), destination), csa: makeCsa(keys, 'forward') });
      }
    } catch (error) {
      for (const { csa } of made) csa.destroy();
      throw error;
    }
    this.wipe();
    for (const one of made) this.#bySpi.set(one.csa.spi, [...(this.#bySpi.get(one.csa.spi) ?? []), one]);
  }

  wipe(): void {
    for (const found of this.#bySpi.values()) for (const { csa } of found) csa.destroy();
    this.#bySpi.clear();
  }
}
