/** The composite SAs of one direction of one end. */
import type { Csa, Role } from '../../mlipsec/index.ts';
import type { ProtectionMode } from '../../types/experiment.ts';
import type { TunnelKeys } from '../../types/helper.ts';
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

  constructor(role: Exclude<Role, 'forward'>, clock: StageClock | null) {
    this.#role = role;
    this.#clock = clock;
  }

  /** Takes new keys in the place of those there are. Throws, with these in force still, when they are not right. */
  set(keys: TunnelKeys, isDynamic: boolean): void {
    const way = this.#role;
    const main = makeCsa(keys[way], way, this.#clock);
    let ipsec: Csa | null = null;
    try {
      ipsec = keys.ipsec === null ? null : makeCsa(keys.ipsec[way], way, this.#clock);
    } catch (error) {
      main.destroy();
      throw error;
    }
    this.wipe();
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
