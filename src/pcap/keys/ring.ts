/** The keys of a run, by SPI. Holds the ready-made ciphers too, so one ring serves all captures of the run. */
import type { CsaKeys, EspKeys, IkeKeys } from '../../types/keys.ts';
import { EspSa } from '../esp/sa.ts';
import { ZonedSa } from '../esp/zones.ts';
import { IkeSa } from '../ike/sa.ts';

export class KeyRing {
  readonly #ike = new Map<string, IkeSa>();
  readonly #esp = new Map<number, EspSa[]>();
  readonly #zoned = new Map<number, ZonedSa[]>();

  constructor(ike: readonly IkeKeys[] = [], esp: readonly EspKeys[] = [], csas: readonly CsaKeys[] = []) {
    for (const keys of ike) this.#ike.set(`${keys.initiatorSpi}${keys.responderSpi}`, new IkeSa(keys));
    for (const keys of esp) {
      const sa = new EspSa(keys);
      const same = this.#esp.get(keys.spi);
      if (same === undefined) this.#esp.set(keys.spi, [sa]);
      else if (!same.some((other) => isSame(other.keys, keys))) same.push(sa);
    }
    for (const keys of csas) {
      const spi = keys.sas[0]?.spi;
      if (spi === undefined) continue;
      const same = this.#zoned.get(spi);
      if (same === undefined) this.#zoned.set(spi, [new ZonedSa(keys)]);
      else same.push(new ZonedSa(keys));
    }
  }

  /** The IKE_SA of two SPIs in lower-case hex. */
  ike(initiatorSpi: string, responderSpi: string): IkeSa | undefined {
    return this.#ike.get(initiatorSpi + responderSpi);
  }

  /** All SAs with this SPI: each receiver chooses its own, so two hosts may have chosen alike. */
  esp(spi: number): readonly EspSa[] | undefined {
    return this.#esp.get(spi);
  }

  /** All composite SAs whose designated SA has this SPI. */
  zoned(spi: number): readonly ZonedSa[] | undefined {
    return this.#zoned.get(spi);
  }
}

/** After a MOBIKE update a table may list an SA again with other addresses. */
function isSame(a: EspKeys, b: EspKeys): boolean {
  return (
    a.encr === b.encr && a.integ === b.integ && Buffer.compare(a.encrKey, b.encrKey) === 0 && Buffer.compare(a.integKey, b.integKey) === 0
  );
}
