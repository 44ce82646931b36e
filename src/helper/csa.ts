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
function timed(factory: CipherFactory, zone: number, clock: StageClock): CipherFactory {
  return (suite, keys): SaCipher => {
    const cipher = factory(suite, keys);
    return {
      seal(aad, iv, plain, out) {
        const before = performance.now();
        cipher.seal(aad, iv, plain, out);
        clock.add(`seal zone ${zone}`, (performance.now() - before) * 1e6);
      },
      open(aad, iv, sealed, out) {
        const before = performance.now();
        const right = cipher.open(aad, iv, sealed, out);
        clock.add(`open zone ${zone}`, (performance.now() - before) * 1e6);
        return right;
      },
      deriveIv: (nonce, iv) => cipher.deriveIv(nonce, iv),
      destroy: () => cipher.destroy(),
    };
  };
}

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
        const cipher = clock === null ? bestCipher() : timed(bestCipher(), k + 1, clock);
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
