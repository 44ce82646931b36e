/** Composite SAs from keys as they come over the control socket. */
import {
  bestCipher,
  type CipherFactory,
  Csa,
  END_NODE,
  IvSpace,
  ONE_ZONE,
  PAPER_ZONES,
  type Role,
  type SaCipher,
  splitKeys,
  suiteNamed,
  type ZoneMap,
  ZoneSa,
} from '../mlipsec/index.ts';
import type { CsaKeys } from '../types/keys.ts';
import type { StageClock } from './stages.ts';

/** Zones between these octets; the first is what a foreign agent may open. */
function zonesOf(boundaries: readonly number[]): ZoneMap {
  if (boundaries.length === 0) return ONE_ZONE;
  if (boundaries.length === 1 && boundaries[0] === PAPER_ZONES[0]!.end) return PAPER_ZONES;
  const edges = [0, ...boundaries];
  return edges.map((start, k) => ({ id: k + 1, start, end: edges[k + 1] ?? null, faAccess: k === 0, designated: k === 0 }));
}

/** A cipher that says how long it took. */
class TimedCipher implements SaCipher {
  readonly #cipher: SaCipher;
  readonly #sealing: string;
  readonly #opening: string;
  readonly #clock: StageClock;

  constructor(cipher: SaCipher, zone: number, clock: StageClock) {
    this.#cipher = cipher;
    this.#sealing = `seal zone ${zone}`;
    this.#opening = `open zone ${zone}`;
    this.#clock = clock;
  }

  seal(aad: Uint8Array, unit: Uint8Array, at: number, length: number): void {
    const before = performance.now();
    this.#cipher.seal(aad, unit, at, length);
    this.#clock.add(this.#sealing, (performance.now() - before) * 1e6);
  }

  open(aad: Uint8Array, unit: Uint8Array, at: number, end: number, out: Uint8Array, outAt: number): boolean {
    const before = performance.now();
    const right = this.#cipher.open(aad, unit, at, end, out, outAt);
    this.#clock.add(this.#opening, (performance.now() - before) * 1e6);
    return right;
  }

  deriveIv(nonce: Uint8Array, unit: Uint8Array, at: number): void {
    this.#cipher.deriveIv(nonce, unit, at);
  }

  destroy(): void {
    this.#cipher.destroy();
  }
}

const cipherOf = (zone: number, clock: StageClock | null): CipherFactory => {
  const best = bestCipher();
  return clock === null ? best : (suite, keys) => new TimedCipher(best(suite, keys), zone, clock);
};

/**
 * Throws a TypeError or RangeError, without any key in it, when these do not go together. A foreign agent gets no IVs to write with: it
 * sends on what it received. `clock` times each zone's cipher.
 */
export function makeCsa(keys: CsaKeys, role: Role, clock: StageClock | null = null): Csa {
  const made: ZoneSa[] = [];
  try {
    const sas = keys.sas.map((sa, k) => {
      if (sa === null) return null;
      const suite = suiteNamed(sa.suite, { fidelity: true });
      const material = Buffer.from(sa.material, 'hex');
      try {
        const cipher = cipherOf(k + 1, clock);
        const iv = role === 'send' ? { iv: new IvSpace(END_NODE, 0) } : {};
        const one = new ZoneSa({ spi: sa.spi, suite, keys: splitKeys(suite, material), cipher, ...iv });
        made.push(one);
        return one;
      } finally {
        material.fill(0);
      }
    });
    return new Csa({ role, sas, zones: zonesOf(keys.boundaries), layout: keys.layout, bind: keys.bind });
  } catch (error) {
    for (const sa of made) sa.destroy();
    throw error;
  }
}
