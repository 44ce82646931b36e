/** What is known of a connection's paths while the timeline goes on: enough to refuse commands that charon would refuse in every run. */
import type { IpsecConnection, MobikeCommand } from '../../types/experiment.ts';

export class PathWalk {
  readonly #paths = new Set<string>();
  readonly #most: number;
  #active: string;
  /** false: something happened after which charon itself decides */
  #known = true;

  constructor({ initiatorAddress }: IpsecConnection, maxPaths: number) {
    this.#active = initiatorAddress;
    this.#paths.add(initiatorAddress);
    this.#most = maxPaths;
  }

  /** An event that charon reacts to by itself. */
  forget(): void {
    this.#known = false;
  }

  /** Why charon will refuse it, or null. What it will accept changes what is known. */
  objection(action: MobikeCommand['action'], local: string): string | null {
    if (!this.#known) return null;
    const there = this.#paths.has(local);
    if (action === 'add') {
      if (there) return `there is a path from ${local} already`;
      if (this.#paths.size >= this.#most) return `that would be path ${this.#paths.size + 1} of at most ${this.#most} (maxPaths)`;
      this.#paths.add(local);
      return null;
    }
    if (!there) return `there is no path from ${local}; add it before`;
    if (action === 'probe') return null;
    if (action === 'remove' && local === this.#active) return `the path from ${local} is in use; another one must be used before`;
    if (action === 'update' && local === this.#active) return `the path from ${local} is in use already`;
    if (action === 'remove') this.#paths.delete(local);
    else this.#active = local;
    return null;
  }

  /** Add if need be, then use. `keep`: the old path stays. */
  handover(local: string, keep: boolean): string | null {
    const objection = (this.#paths.has(local) ? null : this.objection('add', local)) ?? this.objection('update', local);
    if (!keep) this.forget(); // it goes away in its own time
    return objection;
  }
}
