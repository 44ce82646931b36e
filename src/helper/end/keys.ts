/** The composite SAs of one direction of one end. */
import { createHash } from 'node:crypto';
import type { Csa, Role } from '../../mlipsec/index.ts';
import type { ProtectionMode } from '../../types/experiment.ts';
import type { TunnelKeys } from '../../types/helper.ts';
import type { CsaKeys } from '../../types/keys.ts';
import { makeCsa } from '../csa.ts';
import type { StageClock } from '../stages.ts';

export class EndKeys {
  /** the tunnel's own; null before the run */
  main: Csa | null = null;
  /** what `main` is called: ESP in one zone is ordinary ESP */
  mainMode: ProtectionMode = 'mml';
  /** one zone, beside `main`, in dynamic mode */
  ipsec: Csa | null = null;
  readonly #role: Exclude<Role, 'forward'>;
  readonly #clock: StageClock | null;
  /** digests of all keys there ever were */
  readonly #used = new Set<string>();

  constructor(role: Exclude<Role, 'forward'>, clock: StageClock | null) {
    this.#role = role;
    this.#clock = clock;
  }

  /**
   * Takes new keys in the place of those there are. Throws, with these in force still, when they are not right, or are not new: sequence
   * numbers and IVs start again, which under an old key repeats nonces of GCM at one end and takes replays for new at the other.
   */
  set(keys: TunnelKeys, isDynamic: boolean): void {
    const way = this.#role;
    const digests = digestsOf([keys[way], ...(keys.ipsec === null ? [] : [keys.ipsec[way]])]);
    if (digests.some((digest) => this.#used.has(digest))) throw new Error('a key that was in use before is not taken again');
    const main = makeCsa(keys[way], way, this.#clock);
    let ipsec: Csa | null = null;
    try {
      ipsec = keys.ipsec === null ? null : makeCsa(keys.ipsec[way], way, this.#clock);
    } catch (error) {
      main.destroy();
      throw error;
    }
    this.wipe();
    for (const digest of digests) this.#used.add(digest);
    this.main = main;
    this.ipsec = ipsec;
    this.mainMode = isDynamic || keys[way].boundaries.length > 0 ? 'mml' : 'ipsec';
  }

  wipe(): void {
    this.main?.destroy();
    this.ipsec?.destroy();
    this.main = null;
    this.ipsec = null;
  }
}

const digestsOf = (csas: readonly CsaKeys[]): string[] =>
  csas.flatMap(({ sas }) => sas.flatMap((sa) => (sa === null ? [] : [createHash('sha256').update(sa.material, 'hex').digest('base64')])));
