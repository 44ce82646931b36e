/**
 * ESP in zones (mlipsec/), and ordinary ESP of the same helper, as one who reads captures opens it: a packet is in several captures, and a
 * foreign agent sends the same one again, so nothing is a replay here.
 */
import { Csa, nodeCipher, open, ReplayWindow, splitKeys, suiteNamed, ZoneSa } from '../../mlipsec/index.ts';
import type { CsaKeys } from '../../types/keys.ts';

class NoReplay extends ReplayWindow {
  override check(): null {
    return null;
  }
  override commit(): void {}
}

class ReadingCsa extends Csa {
  override readonly replay = new NoReplay();
}

export interface OpenedZones {
  /** the inner datagram */
  plain: Buffer;
  /** every zone has an ICV, and it was right; without one the padding and the inner length vouch */
  authenticated: boolean;
}

/** One direction of a tunnel, made ready when its first packet is seen. */
export class ZonedSa {
  readonly keys: CsaKeys;
  #csa: Csa | null | undefined;

  constructor(keys: CsaKeys) {
    this.keys = keys;
  }

  /** The payload `b[start, end)`, SPI to last ICV. Null: it is not of this SA, is damaged, or keys of a zone are missing. */
  open(b: Buffer, start: number, end: number): OpenedZones | null {
    this.#csa ??= csaOf(this.keys);
    if (this.#csa === null) return null;
    const out = Buffer.allocUnsafe(end - start);
    const opened = open(this.#csa, b.subarray(start, end), out);
    if (!opened.ok) return null;
    return { plain: out.subarray(0, opened.length), authenticated: this.#csa.sas.every((sa) => sa !== null && sa.suite.icv > 0) };
  }
}

/** Null where a zone has no keys, or these make no composite SA. */
function csaOf({ sas, boundaries, layout, bind }: CsaKeys): Csa | null {
  if (sas.length !== boundaries.length + 1 || sas.includes(null)) return null;
  const zones = sas.map((_, k) => ({
    id: k + 1,
    start: boundaries[k - 1] ?? 0,
    end: boundaries[k] ?? null,
    faAccess: sas.length > 1 && k === 0,
    designated: k === 0,
  }));
  try {
    const made = sas.map((sa) => {
      const suite = suiteNamed(sa!.suite, { fidelity: true });
      // node:crypto, because captures come from anywhere and the other implementation is not made for that
      return new ZoneSa({ spi: sa!.spi, suite, keys: splitKeys(suite, Buffer.from(sa!.material, 'hex')), cipher: nodeCipher });
    });
    return new ReadingCsa({ role: 'receive', sas: made, zones, layout, ...(sas.length > 1 ? { bind } : {}) });
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return null;
    throw error;
  }
}
