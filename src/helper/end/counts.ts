/** What one end counts of one direction. */
import type { ProtectionMode } from '../../types/experiment.ts';
import type { TunnelStatistics } from '../../types/helper.ts';

export class Counts {
  #packets = 0;
  #innerOctets = 0;
  #wireOctets = 0;
  readonly #byMode = { plain: 0, ipsec: 0, mml: 0 };
  readonly #refused = new Map<string, number>();

  /** A packet that went through; octets of the inner packet, and of the IP packet on the wire. */
  packet(mode: ProtectionMode, innerOctets: number, wireOctets: number): void {
    this.#packets += 1;
    this.#innerOctets += innerOctets;
    this.#wireOctets += wireOctets;
    this.#byMode[mode] += 1;
  }

  /** Several at once. */
  packets(mode: ProtectionMode, count: number, innerOctets: number, wireOctets: number): void {
    this.packet(mode, innerOctets, wireOctets);
    this.#packets += count - 1;
    this.#byMode[mode] += count - 1;
  }

  refuse(reason: string, count = 1): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + count);
  }

  get statistics(): TunnelStatistics['out'] {
    const { packets, innerOctets, wireOctets } = { packets: this.#packets, innerOctets: this.#innerOctets, wireOctets: this.#wireOctets };
    return { packets, innerOctets, wireOctets, byMode: { ...this.#byMode }, refused: Object.fromEntries(this.#refused) };
  }
}
