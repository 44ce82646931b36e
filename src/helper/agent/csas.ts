/** The composite SAs a foreign agent can open the first zone of, by destination and SPI (RFC 4301 section 4.1). */
import type { Csa } from '../../mlipsec/index.ts';
import { ipv4 } from '../address.ts';
import { makeCsa } from '../csa.ts';
import type { AgentKeys } from '../protocol.ts';

export class AgentCsas {
  readonly #bySpi = new Map<number, { destination: number; csa: Csa }[]>();

  find(destination: number, spi: number): Csa | null {
    const found = this.#bySpi.get(spi);
    if (found === undefined) return null;
    for (const one of found) if (one.destination === destination) return one.csa;
    return null;
  }

  /** Takes new ones in the place of those there are. Throws, with these in force still, when one is not right. */
  set({ csas }: AgentKeys): void {
    const made: { destination: number; csa: Csa }[] = [];
    try {
      for (const keys of csas) made.push({ destination: ipv4(keys.dst), csa: makeCsa(keys, 'forward') });
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
